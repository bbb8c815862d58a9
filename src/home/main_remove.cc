// `godwit-home remove`: takes a blob or a channel away. The home that runs on the folder is asked (a file and SIGHUP), so that
// what it knows in memory, followers included, ends as well.

#include <iostream>

#include "home/main.h"
#include "home/main_questions.h"

namespace godwit::home {

std::optional<Removal> parse_removal(std::string_view text) {
  const size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  Bytes id;
  if (!from_hex(text.substr(blank + 1), id)) return std::nullopt;
  const std::string_view kind = text.substr(0, blank);
  wire::ChannelId channel;
  if (kind == "channel" && wire::ChannelId::from(id, channel)) return Removal{channel, {}};
  wire::BlobId blob;
  if (kind == "blob" && wire::BlobId::from(id, blob)) return Removal{blob, {}};
  return std::nullopt;
}

int run_remove(const Place& place, const RemoveOptions& options) {
  const std::string question = options.kind + " " + options.id;
  if (!parse_removal(question)) return fail(kExitUsage, "a blob and a channel are named by 64 hexadecimal digits");
  const auto told = ask_running(place, "remove", question);
  if (!told) return fail(kExitFix, "no home runs on this folder, or it does not answer (`godwit-home status` says more)");
  if (*told != "done\n") return fail(kExitFix, "it was not taken away: " + *told);
  std::cout << "taken away" << std::endl;
  return kExitDone;
}

}  // namespace godwit::home
