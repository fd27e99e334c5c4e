// Result<T>: a value or an Error. C++20 has no std::expected; this is the part of it that we use.
#pragma once

#include <cassert>
#include <optional>
#include <utility>
#include <variant>

#include "base/error.h"

namespace bagloom {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    assert(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    assert(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const& {
    assert(!ok());
    return *error_;
  }
  Error&& error() && {
    assert(!ok());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace bagloom

#define BAGLOOM_JOIN_(a, b) a##b
#define BAGLOOM_JOIN(a, b) BAGLOOM_JOIN_(a, b)

/// Runs an expression that gives a Result and returns its error, if any, to the caller.
#define RETURN_IF_ERROR(expression)                                                                            \
  do {                                                                                                         \
    if (auto bagloom_result_ = (expression); !bagloom_result_.ok()) return std::move(bagloom_result_).error(); \
  } while (false)

/// ASSIGN_OR_RETURN(auto x, f()): declares or assigns the value, or returns the error.
#define ASSIGN_OR_RETURN(target, expression) ASSIGN_OR_RETURN_(BAGLOOM_JOIN(bagloom_result_, __LINE__), target, expression)
#define ASSIGN_OR_RETURN_(result, target, expression) \
  auto result = (expression);                         \
  if (!result.ok()) return std::move(result).error(); \
  target = std::move(result).value()
