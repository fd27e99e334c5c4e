// Numbers and foreign text as they stand in the report's page. 1 MB is 1,048,576 bytes there, as in the printed
// table and in the test script that users know.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace bagloom::bench {

/// Text for an element or a quoted attribute: names from recordings may hold markup, quotes and control characters.
std::string escape_html(std::string_view text);

/// <p> with plain text in it; `kind` is a CSS class or "".
std::string paragraph_html(std::string_view text, std::string_view kind = "");

/// JSON for the inside of a <script> element: ASCII only, and nothing in it can end the element or begin a comment.
std::string script_json(const nlohmann::json& value);

std::string whole_text(double value);                  ///< "1,234"
std::string megabytes_text(double bytes);              ///< "12,345.6": MB with one decimal, without the unit
std::string size_text(double bytes);                   ///< "73.0 MB", "1,717 MB", "12.3 GB" from 10 GB on, "820 kB"
std::string decimal_text(double value, int decimals);  ///< "1,234.50"
std::string seconds_text(double seconds);              ///< "0.052", "4.21", "632.4", without the unit

}  // namespace bagloom::bench
