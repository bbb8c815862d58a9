// `godwit-home audit`: what is stored. If a home runs on the folder it is asked (a file and SIGHUP), since a store has one
// user; else the store is opened here.

#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>

#include "home/main.h"
#include "store/errors.h"
#include "store/rocksdb_store.h"

namespace godwit::home {
namespace {

constexpr auto kStep = std::chrono::milliseconds(20);

Result<std::string> ask_store(store::HomeStore& store, std::optional<wire::MailboxId> mailbox) {
  Audit audit(store, mailbox);
  while (!audit.done()) {
    if (store.poll() == 0) std::this_thread::sleep_for(kStep / 20);
  }
  if (!audit.report()) return audit.report().error();
  return print_report(*audit.report());
}

}  // namespace

int run_audit(const Place& place, const AuditOptions& options) {
  const auto config = load_config(place);
  if (!config) return kExitConfig;
  std::optional<wire::MailboxId> mailbox;
  if (!parse_mailbox(options.mailbox, mailbox)) return fail(kExitUsage, "a mailbox is named by 32 hexadecimal digits");
  std::string answer;
  if (!std::filesystem::exists(place.file(config->store))) {
    answer = print_report({});
  } else if (auto store = store::open_rocksdb(place.file(config->store)); store) {
    const auto report = ask_store(**store, mailbox);
    if (!report) return fail(report.error(), place.file(config->store));
    answer = *report;
  } else if (store.error().code == store::kLocked) {
    const auto told = ask_running(place, "audit", options.mailbox);
    if (!told) return fail(kExitFix, "the home that runs on this folder does not answer");
    answer = *told;
  } else {
    return fail(store.error(), place.file(config->store));
  }
  const size_t line_end = answer.find('\n');
  std::cout << (options.line ? answer.substr(0, line_end + 1) : answer.substr(line_end + 1)) << std::flush;
  return kExitDone;
}

}  // namespace godwit::home
