#include "dataset/arrow_status.h"

#include <arrow/util/io_util.h>
#include <parquet/exception.h>

#include <new>

#include "dataset/output_file.h"

namespace bagloom::dataset {

Error from_arrow(const arrow::Status& status, const std::string& where) {
  if (const int code = arrow::internal::ErrnoFromStatus(status); code != 0) return system_error(where, "arrow", code);
  ErrorKind kind = ErrorKind::internal;
  if (status.IsIOError()) kind = ErrorKind::io;
  if (status.IsOutOfMemory()) kind = ErrorKind::over_limit;
  if (status.IsInvalid() || status.IsSerializationError()) kind = ErrorKind::corrupt;
  return Error(kind, "arrow: " + status.message()).in(where);
}

Error from_exception(const std::string& where) {
  try {
    throw;
  } catch (const parquet::ParquetStatusException& error) {
    return from_arrow(error.status(), where);
  } catch (const parquet::ParquetException& error) {
    return Error(ErrorKind::corrupt, std::string("parquet: ") + error.what()).in(where);
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::over_limit, "out of memory").in(where);
  } catch (const std::exception& error) {
    return Error(ErrorKind::internal, error.what()).in(where);
  } catch (...) {
    return Error(ErrorKind::internal, "unknown exception").in(where);
  }
}

}  // namespace bagloom::dataset
