// From Arrow's and Parquet's errors and exceptions to ours. For this folder's sources only.
#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include <string>
#include <utility>

#include "base/result.h"

namespace bagloom::dataset {

Error from_arrow(const arrow::Status& status, const std::string& where);
/// Call inside a catch (...) block: the exception in flight as an Error. A file's damage is corrupt.
Error from_exception(const std::string& where);

/// Runs `body`, which gives a Status or Result; no exception leaves.
template <class Body>
auto without_exceptions(const std::string& where, Body&& body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    return from_exception(where);
  }
}

}  // namespace bagloom::dataset

#define RETURN_IF_ARROW_ERROR(expression, where)                               \
  do {                                                                         \
    if (const arrow::Status arrow_status_ = (expression); !arrow_status_.ok()) \
      return ::bagloom::dataset::from_arrow(arrow_status_, where);             \
  } while (false)

#define ARROW_ASSIGN_OR_RETURN_ERROR_(result, target, expression, where)           \
  auto result = (expression);                                                      \
  if (!result.ok()) return ::bagloom::dataset::from_arrow(result.status(), where); \
  target = *std::move(result)
#define ASSIGN_OR_ARROW_ERROR(target, expression, where) \
  ARROW_ASSIGN_OR_RETURN_ERROR_(BAGLOOM_JOIN(arrow_result_, __LINE__), target, expression, where)
