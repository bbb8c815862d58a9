#pragma once
// What a home has stored, counted: the operator's and the user's way to see that it is what records.h says and no more.

#include <map>
#include <optional>
#include <string>

#include "home/storing.h"
#include "home/task.h"
#include "wire/ids.h"

namespace godwit::home {

/// Records and bytes (keys and values) of one kind.
struct AuditCount {
  uint64_t records = 0;
  uint64_t bytes = 0;
};

/// What was found.
struct AuditReport {
  std::map<char, AuditCount> kinds;  ///< by the letters of records.h; 'q': items that wait
  uint64_t damaged = 0;              ///< records that are not what their key says
  uint64_t unknown = 0;              ///< records of a kind that records.h does not know: there must be none
};

/// Counts everything in a store, or what belongs to one mailbox. Reads only.
class Audit {
 public:
  /// Starts counting; `store` must outlive this object. `now`: what has expired is not counted.
  Audit(store::HomeStore& store, std::optional<wire::MailboxId> mailbox, Instant now);
  /// True if the report is complete; else call store.poll() until it is.
  bool done() const { return outcome_.has_value(); }
  /// The report; only when done(). kUnavailable, kBadRecord: the store cannot be read.
  const Result<AuditReport>& report() const { return *outcome_; }

 private:
  Task<Status> run(std::optional<wire::MailboxId> mailbox);
  Task<Status> count_all();
  Task<Status> count_mailbox(wire::MailboxId mailbox);
  Task<Status> count_records(Bytes prefix);
  Task<Status> count_queues(wire::MailboxId mailbox);
  Task<Status> count_addresses(wire::MailboxId mailbox);
  Task<Status> count_self_deliveries(wire::MailboxId mailbox);
  void add(ByteView key, ByteView value);

  Storing storing_;
  Instant now_;
  AuditReport found_;
  std::optional<Result<AuditReport>> outcome_;
  Tasks tasks_;
};

/// The report in one line for people: "1 mailbox, 2 addresses, 3 items waiting (1,234 bytes), ...". Kinds of which there is
/// nothing are left out.
std::string audit_line(const AuditReport& report);
/// The report as a table: kind, records, bytes, and what such a record tells whoever seizes the disk.
std::string audit_table(const AuditReport& report);

}  // namespace godwit::home
