// profiles.

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/profile.h"
#include "cli/terminal.h"

namespace godwit::cli {
namespace {

// The last folder of a path is the profile, and its parent the place where others are looked for.
std::string parent_of(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  const size_t slash = folder.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : folder.substr(0, slash);
}

const char* state_of(const FoundProfile& profile) {
  if (profile.use == ProfileUse::kServed) return "served";
  return profile.use == ProfileUse::kInUse ? "in use" : "free";
}

std::string as_json(const std::vector<FoundProfile>& all) {
  nlohmann::json list = nlohmann::json::array();
  for (const FoundProfile& each : all) {
    list.push_back({{"folder", each.folder},
                    {"key_file", each.by_key_file},
                    {"state", state_of(each)},
                    {"last_used_ms", each.last_used.ms}});
  }
  // A folder's name may be any bytes.
  return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

Status run_profiles(Context& context, const ListOptions& options) {
  const std::vector<FoundProfile> all = profiles_in(parent_of(context.globals.profile));
  std::string out;
  for (const FoundProfile& each : all) {
    out += print_time(each.last_used) + "  " + (each.by_key_file ? "key file  " : "passphrase") + "  " +
           (each.use == ProfileUse::kFree ? "free  " : state_of(each)) + "  " + safe_line(each.folder) + "\n";
  }
  REQUIRE(print_out(options.json ? as_json(all) : out), kNoOutput, "write");
  return {};
}

}  // namespace godwit::cli
