#pragma once
// What a home has stored, counted: the operator's and the user's way to see that it is what records.h and store/layout.h say
// and no more. It looks at every entry of the store, so nothing can be there that it does not show.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "home/storing.h"
#include "home/task.h"
#include "wire/ids.h"

namespace godwit::home {

/// Entries and bytes (keys and values, as the store has them) of one kind.
struct AuditCount {
  uint64_t records = 0;
  uint64_t bytes = 0;
};

/// What was found.
struct AuditReport {
  /// By the letters of records.h and, for what the store needs itself, of store/layout.h ('F': its format); 'q': items that
  /// wait, also in queues that are being dropped.
  std::map<char, AuditCount> kinds;
  uint64_t damaged = 0;  ///< entries that are not what their key says
  uint64_t unknown = 0;  ///< entries of a kind that neither header knows: there must be none
};

/// Counts everything in a store, or what belongs to one mailbox. Reads only, and everything in either case.
class Audit {
 public:
  /// Is given each entry that counts, whole, as it is counted.
  using Show = std::function<void(const store::Entry&)>;
  /// Starts counting; `store` must outlive this object. What has expired counts while it is there.
  Audit(store::HomeStore& store, std::optional<wire::MailboxId> mailbox, Show show = {});
  /// True if the report is complete; else call store.poll() until it is.
  bool done() const { return outcome_.has_value(); }
  /// The report; only when done(). kUnavailable, kBadRecord: the store cannot be read.
  const Result<AuditReport>& report() const { return *outcome_; }

 private:
  Task<Status> run();
  Task<Status> count();
  bool belongs(const store::Entry& entry);
  void add(const store::Entry& entry);

  Storing storing_;
  std::optional<wire::MailboxId> mailbox_;
  Show show_;
  std::set<wire::Alias> aliases_;  // of the mailbox, as far as they were seen
  AuditReport found_;
  std::optional<Result<AuditReport>> outcome_;
  Tasks tasks_;
};

/// The letter of what an entry is, as in AuditReport::kinds; '?': nothing that a home makes.
char audit_kind(const store::Entry& entry);
/// What such an entry is called, "mailbox", and what it tells whoever seizes the disk; of '?': that there must be none.
std::string audit_name(char kind);
/// The same.
std::string audit_tells(char kind);
/// All letters that there are.
std::string audit_letters();
/// The report in one line for people: "1 mailbox, 2 addresses, 3 items waiting (1,234 bytes), ...". Kinds of which there is
/// nothing are left out, and the two records that only say that this is a home's store.
std::string audit_line(const AuditReport& report);
/// The report as a table: kind, records, bytes, and what such a record tells whoever seizes the disk.
std::string audit_table(const AuditReport& report);

}  // namespace godwit::home
