#include "cli/main_group_links.h"

#include <memory>

#include "cli/group_link_commands.h"

namespace godwit::cli {

void add_group_link_commands(CLI::App& group, std::function<Status(Context&)>& chosen) {
  auto options = std::make_shared<GroupLinkOptions>();
  const auto add = [&](const char* name, const char* about, Status (*run)(Context&, const GroupLinkOptions&)) {
    auto* command = group.add_subcommand(name, about);
    command->callback([&chosen, options, run] { chosen = [options, run](Context& c) { return run(c, *options); }; });
    if (run != run_group_join) command->add_option("group", options->chat, "name or id")->required();
    return command;
  };
  auto* link = add("link", "print a link by which others come in", run_group_link);
  link->add_flag("--approve", options->approve, "an admin looks at each who comes: `group requests`");
  link->add_flag("--call", options->call, "the page of who opens it comes into the group's call");
  link->add_option("--uses", options->uses, "how many may come by it, at most 1,000 (default: any number)")
      ->check(CLI::Range(1, 1000));
  link->add_option("--expires", options->days, "after how many days it ends, at most 365 (default: when it is ended)")
      ->check(CLI::Range(1, 365));
  add("links", "list its links", run_group_links);
  add("unlink", "end a link", run_group_unlink)
      ->add_option("link", options->link, "its id, or the first digits")
      ->required();
  auto* join = add("join", "come into a group by its link", run_group_join);
  join->add_option("link", options->link, "godwit:g#...")->required();
  join->add_option("--greeting", options->greeting, "at most 200 characters, for the admin who decides");
  add("requests", "list who waits to be let in", run_group_requests);
  const char* who = "names, or the first digits of accounts";
  add("approve", "let in who waits", run_group_approve)->add_option("people", options->people, who)->required();
  add("refuse", "do not let in who waits", run_group_refuse)->add_option("people", options->people, who)->required();
}

}  // namespace godwit::cli
