#include "dataset/verify.h"

#include <filesystem>
#include <system_error>

#include "dataset/verify_internal.h"

namespace bagloom::dataset {
namespace {

Status check_all(verify::Context& context) {
  RETURN_IF_ERROR(context.room.check_files(context));
  RETURN_IF_ERROR(verify::read_info(context));
  if (!context.info) return {};  // V01; everything else is measured against it
  verify::check_features(context);
  verify::list_files(context);
  RETURN_IF_ERROR(context.room.lay_out(context));
  verify::check_tasks(context);
  RETURN_IF_ERROR(verify::check_episode_table(context));
  RETURN_IF_ERROR(verify::check_data_schema(context));
  RETURN_IF_ERROR(verify::check_data_rows(context));
  verify::check_structure(context);
  RETURN_IF_ERROR(context.room.check_tables(context));
  context.room.next_phase();
  RETURN_IF_ERROR(verify::check_videos(context));
  context.room.next_phase();
  RETURN_IF_ERROR(verify::check_statistics(context));
  return context.room.check_tables(context);
}

}  // namespace

Result<VerifyReport> verify_dataset(const std::string& root, const VerifyOptions& options) {
  std::error_code error;
  if (!std::filesystem::is_directory(root, error)) return Error(ErrorKind::unreadable, "is not a folder").in(root);
  bool info = verify::is_file(root + "/meta/info.json");
  bool some = std::filesystem::is_directory(root + "/meta", error) && std::filesystem::is_directory(root + "/data", error);
  if (!info && !some) {
    return Error(ErrorKind::unreadable, "is not a LeRobot dataset: it has no meta/info.json").in(root);
  }
  try {  // nlohmann-json and the standard library may throw on input that nobody thought of
    verify::Context context(root, options);
    Status status = check_all(context);
    if (!status.ok() && status.error().kind() == ErrorKind::over_limit) return std::move(status).error();
    if (!status.ok()) return std::move(status).error().in(root);
    context.report.memory = std::move(context.room.layout);
    return std::move(context.report);
  } catch (const std::exception& thrown) {
    return Error(ErrorKind::internal, std::string("while verifying: ") + thrown.what()).in(root);
  }
}

}  // namespace bagloom::dataset
