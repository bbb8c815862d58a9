// `godwit-home audit`: what is stored. If a home runs on the folder it is asked (a file and SIGHUP), since a store has one
// user; else the store is opened here.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "home/audit_fields.h"
#include "home/main.h"
#include "home/main_disk.h"
#include "home/main_questions.h"
#include "home/main_status.h"
#include "home/main_store.h"
#include "store/errors.h"

namespace godwit::home {
namespace {

constexpr auto kStep = std::chrono::milliseconds(20);
constexpr const char* kMailboxesQuestion = "mailboxes";
constexpr std::string_view kNothing = "nothing\n";  // audit_line, of a mailbox that is not there

Result<AuditReport> ask_store(store::HomeStore& store, const AuditQuestion& question, const Audit::Show& show) {
  Audit audit(store, question.mailbox, show);
  while (!audit.done()) {
    if (store.poll() == 0) std::this_thread::sleep_for(kStep / 20);
  }
  return audit.report();
}

// Twice through the store where bytes are printed, so that the table comes first.
int answer_from(store::HomeStore& store, const Place& place, const Config& config, const AuditQuestion& question,
                std::string& answer) {
  const auto report = ask_store(store, question, {});
  if (!report) return fail(report.error(), store_name(place, config));
  answer = print_report(*report);
  if (question.mailbox || question.mailboxes) {
    AuditBytes bytes(audit_bytes_file(place, own_number()), question);
    const auto shown = ask_store(store, question, bytes.show());
    if (!shown) return fail(shown.error(), store_name(place, config));
    if (!bytes.finish()) return fail(kExitDiskFull, bytes.path() + ": it cannot be written");
  }
  return kExitDone;
}

// The bytes beside the answer. The file is gone before they are printed: whoever reads them may go away in the middle.
class BytesToPrint {
 public:
  explicit BytesToPrint(const Place& place) : path_(audit_bytes_file(place, own_number())) {}
  ~BytesToPrint() { remove(); }
  BytesToPrint(const BytesToPrint&) = delete;
  BytesToPrint& operator=(const BytesToPrint&) = delete;
  void print() {
    std::ifstream file(path_, std::ios::binary);
    remove();
    if (file && file.peek() != std::ifstream::traits_type::eof()) std::cout << file.rdbuf();
  }

 private:
  void remove() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  std::string path_;
};

}  // namespace

std::optional<AuditQuestion> parse_audit_question(std::string_view text) {
  AuditQuestion question;
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  question.mailboxes = text == kMailboxesQuestion;
  if (!question.mailboxes && !parse_mailbox(text, question.mailbox)) return std::nullopt;
  return question;
}

AuditBytes::AuditBytes(std::string path, const AuditQuestion& question)
    : path_(std::move(path)), mailboxes_(question.mailboxes) {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
  // For its owner only, from before there is anything in it.
  if (write_file(path_, "", false)) file_.open(path_, std::ios::binary | std::ios::app);
}

Audit::Show AuditBytes::show() {
  return [this](const store::Entry& entry) {
    const char kind = audit_kind(entry);
    if (mailboxes_ && kind == 'm') file_ << to_hex(ByteView(entry.key).subspan(1)) << "\n";
    if (!mailboxes_) file_ << "\n" << print_entry(take_apart(entry));
  };
}

bool AuditBytes::finish() {
  file_.close();
  return !file_.fail();
}

int run_audit(const Place& place, const AuditOptions& options) {
  if (options.kinds) {
    std::cout << print_kinds() << std::flush;
    return kExitDone;
  }
  if (!is_own(place)) return fail(kExitFix, "the home belongs to another user; run this as that one (sudo -u)");
  const auto config = load_config(place);
  if (!config) return kExitConfig;
  const std::string asked = options.mailboxes ? kMailboxesQuestion : options.mailbox;
  const auto question = parse_audit_question(asked);
  if (!question || (options.mailboxes && !options.mailbox.empty()))
    return fail(kExitUsage, "a mailbox is named by 32 hexadecimal digits; --mailboxes lists all");
  if (const std::string nobody = nobody_to_ask(place, *config); !nobody.empty()) return fail(kExitFix, nobody);
  BytesToPrint bytes(place);
  std::string answer;
  if (is_store_absent(place, *config)) {
    answer = print_report({});
  } else if (auto store = open_store(place, *config); store) {
    const int code = answer_from(**store, place, *config, *question, answer);
    if (code != kExitDone) return code;
  } else if (store.error().code == store::kLocked) {
    const auto told = ask_owner(place, "audit", asked);
    if (!told) return fail(kExitFix, why_silent(place, *config));
    if (told->starts_with(kAuditFailed)) return fail(kExitFix, "the home cannot read its store: " + told->substr(kAuditFailed.size()));
    answer = *told;
  } else {
    return fail(store.error(), store_name(place, *config));
  }
  const size_t line_end = answer.find('\n');
  if (question->mailbox && answer.starts_with(kNothing))
    return fail(kExitFix, "there is no such mailbox here, and nothing that belongs to one of that id; --mailboxes lists all");
  if (!options.mailboxes) std::cout << (options.line ? answer.substr(0, line_end + 1) : answer.substr(line_end + 1));
  if (!options.line) bytes.print();
  std::cout << std::flush;
  return kExitDone;
}

}  // namespace godwit::home
