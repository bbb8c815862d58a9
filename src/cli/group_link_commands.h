#pragma once
// The commands of `godwit group` about links; commands.h for the others.

#include <string>
#include <vector>

#include "cli/commands.h"

namespace godwit::cli {

/// Of these commands.
struct GroupLinkOptions {
  std::string chat;  ///< name or id
  bool approve = false;
  bool call = false;  ///< of `link`: it leads into the group's call
  uint32_t uses = 0;
  uint32_t days = 0;
  std::string link;  ///< of `unlink`: its id, or the first digits; of `join`: the link
  std::string greeting;
  std::vector<std::string> people;  ///< names of those who wait, or first digits of their accounts
};
/// Makes a link and prints it.
Status run_group_link(Context& context, const GroupLinkOptions& options);
/// Prints the links of a group.
Status run_group_links(Context& context, const GroupLinkOptions& options);
/// Ends a link.
Status run_group_unlink(Context& context, const GroupLinkOptions& options);
/// Comes into a group by its link.
Status run_group_join(Context& context, const GroupLinkOptions& options);
/// Prints who waits to be let in.
Status run_group_requests(Context& context, const GroupLinkOptions& options);
/// Lets them in.
Status run_group_approve(Context& context, const GroupLinkOptions& options);
/// Does not.
Status run_group_refuse(Context& context, const GroupLinkOptions& options);

}  // namespace godwit::cli
