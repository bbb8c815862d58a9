#include "home/audit.h"

#include <iterator>

#include "home/records.h"

namespace godwit::home {
namespace {

struct Description {
  char kind;
  const char* one;
  const char* many;
  const char* tells;
};

// In the order in which they are printed.
constexpr Description kDescriptions[] = {
    {'m', "mailbox", "mailboxes", "that it exists, how many devices it has, the day of its last use"},
    {'a', "address", "addresses", "that the mailbox has it and when it ends; the token is a hash"},
    {'o', "address of an owner", "addresses of owners", "which addresses belong to one mailbox"},
    {'q', "item waiting", "items waiting", "its size, its address, the hour it ends; sealed, no sender"},
    {'s', "self-delivery waiting", "self-deliveries waiting", "that one device tells the others something"},
    {'k', "key package pool", "key package pools", "how many key packages are left and were taken"},
    {'p', "key package", "key packages", "its size; sealed by its owner"},
    {'g', "group log", "group logs", "that some group exists, not of whom"},
    {'e', "group log entry", "group log entries", "its epoch and size; sealed"},
    {'c', "used admission code", "used admission codes", "how often a code was used; names nobody"},
    {'t', "ticket", "tickets", "that a session may be resumed, not whose; sealed"},
    {'v', "layout record", "layout records", "that this is a home's store"},
};

const Description* describe(char kind) {
  for (const Description& description : kDescriptions) {
    if (description.kind == kind) return &description;
  }
  return nullptr;
}

// 1234567 as "1,234,567".
std::string with_commas(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

// True if `value` decodes as what a record of this kind is; kinds without structure always do.
bool decodes(char kind, ByteView value) {
  switch (kind) {
    case 'v':
      return decode_record<StoreRecord>(value).has_value();
    case 'm':
      return decode_record<MailboxRecord>(value).has_value();
    case 'a':
      return decode_record<AddressRecord>(value).has_value();
    case 'q':
      return decode_record<QueueItemRecord>(value).has_value();
    case 's':
      return decode_record<SelfDeliveryRecord>(value).has_value();
    case 'k':
      return decode_record<PoolRecord>(value).has_value();
    case 'g':
      return decode_record<LogRecord>(value).has_value();
    case 'e':
      return decode_record<EntryRecord>(value).has_value();
    case 'c':
      return decode_record<CodeRecord>(value).has_value();
    case 't':
      return decode_record<StoredTicketRecord>(value).has_value();
    default:
      return true;
  }
}

}  // namespace

Audit::Audit(store::HomeStore& store, std::optional<wire::MailboxId> mailbox, Instant now)
    : storing_(store), now_(now) {
  tasks_.start(run(mailbox));
}

Task<Status> Audit::run(std::optional<wire::MailboxId> mailbox) {
  auto counting = mailbox ? count_mailbox(*mailbox) : count_all();
  auto status = co_await counting;
  if (status) {
    outcome_.emplace(found_);
  } else {
    outcome_.emplace(status.error());
  }
  co_return std::move(status);
}

void Audit::add(ByteView key, ByteView value) {
  const char kind = key.empty() ? '?' : static_cast<char>(key[0]);
  if (describe(kind) == nullptr) {
    ++found_.unknown;
    return;
  }
  if (!decodes(kind, value)) ++found_.damaged;
  AuditCount& count = found_.kinds[kind];
  ++count.records;
  count.bytes += key.size() + value.size();
}

Task<Status> Audit::count_records(Bytes prefix) {
  Bytes after;
  while (true) {
    CO_TRY(page, co_await storing_.scan(prefix, after, 64));
    for (const auto& [key, value] : page.records) add(key, value);
    if (!page.more || page.records.empty()) co_return Status{};
    after = page.records.back().first;
  }
}

// Every record there is, of known kinds and others, and the queues of every mailbox.
Task<Status> Audit::count_all() {
  CO_CHECK(co_await count_records({}));
  std::vector<wire::MailboxId> mailboxes;
  const Bytes prefix = record_key('m');
  Bytes after;
  while (true) {
    CO_TRY(page, co_await storing_.scan(prefix, after, 256));
    for (const auto& [key, value] : page.records) {
      wire::MailboxId mailbox;
      if (wire::MailboxId::from(ByteView(key).subspan(prefix.size()), mailbox)) mailboxes.push_back(mailbox);
    }
    if (!page.more || page.records.empty()) break;
    after = page.records.back().first;
  }
  for (const wire::MailboxId& mailbox : mailboxes) CO_CHECK(co_await count_queues(mailbox));
  co_return Status{};
}

Task<Status> Audit::count_mailbox(wire::MailboxId mailbox) {
  CO_CHECK(co_await count_records(mailbox_key(mailbox)));
  CO_CHECK(co_await count_records(owner_prefix(mailbox)));
  CO_CHECK(co_await count_queues(mailbox));
  CO_CHECK(co_await count_addresses(mailbox));
  CO_CHECK(co_await count_self_deliveries(mailbox));
  co_return Status{};
}

Task<Status> Audit::count_queues(wire::MailboxId mailbox) {
  CO_TRY(found, co_await storing_.get(mailbox_key(mailbox)));
  if (!found.value) co_return Status{};
  const auto record = decode_record<MailboxRecord>(*found.value);
  if (!record) co_return Status{};  // counted as damaged already
  for (const DeviceRecord& device : record->devices) {
    const Bytes queue = queue_key(mailbox, device.tag);
    uint64_t after = 0;
    while (true) {
      CO_TRY(page, co_await storing_.read(queue, after, 1024 * 1024, now_));
      for (const store::QueueItem& item : page.items) {
        after = item.sequence;
        add(queue, item.item);
      }
      if (!page.more || page.items.empty()) break;
    }
  }
  co_return Status{};
}

Task<Status> Audit::count_addresses(wire::MailboxId mailbox) {
  const Bytes prefix = owner_prefix(mailbox);
  Bytes after;
  while (true) {
    CO_TRY(page, co_await storing_.scan(prefix, after, 64));
    for (const auto& [key, value] : page.records) {
      wire::Alias alias;
      if (!wire::Alias::from(ByteView(key).subspan(prefix.size()), alias)) continue;
      CO_CHECK(co_await count_records(address_key(alias)));
      CO_CHECK(co_await count_records(pool_key(alias)));
      CO_CHECK(co_await count_records(packages_prefix(alias)));
    }
    if (!page.more || page.records.empty()) co_return Status{};
    after = page.records.back().first;
  }
}

Task<Status> Audit::count_self_deliveries(wire::MailboxId mailbox) {
  Bytes after;
  while (true) {
    CO_TRY(page, co_await storing_.scan(record_key('s'), after, 64));
    for (const auto& [key, value] : page.records) {
      const auto record = decode_record<SelfDeliveryRecord>(value);
      if (record && record->mailbox == mailbox) add(key, value);
    }
    if (!page.more || page.records.empty()) co_return Status{};
    after = page.records.back().first;
  }
}

std::string audit_line(const AuditReport& report) {
  std::string line;
  for (const Description& description : kDescriptions) {
    const auto count = report.kinds.find(description.kind);
    if (count == report.kinds.end() || description.kind == 'v' || description.kind == 'o') continue;
    if (!line.empty()) line += ", ";
    line += with_commas(count->second.records) + " ";
    line += count->second.records == 1 ? description.one : description.many;
    line += " (" + with_commas(count->second.bytes) + " bytes)";
  }
  if (line.empty()) line = "nothing";
  if (report.damaged > 0) line += "; DAMAGED: " + with_commas(report.damaged);
  if (report.unknown > 0) line += "; UNKNOWN: " + with_commas(report.unknown);
  return line;
}

std::string audit_table(const AuditReport& report) {
  std::string table;
  const auto row = [&](const std::string& name, const std::string& records, const std::string& bytes,
                       const std::string& tells) {
    const auto padded = [](const std::string& text, size_t width, bool right) {
      const std::string blanks(text.size() < width ? width - text.size() : 0, ' ');
      return right ? blanks + text : text + blanks;
    };
    table += padded(name, 24, false) + padded(records, 10, true) + padded(bytes, 14, true) + "  " + tells + "\n";
  };
  row("kind", "records", "bytes", "what it tells whoever seizes the disk");
  for (const Description& description : kDescriptions) {
    const auto count = report.kinds.find(description.kind);
    if (count == report.kinds.end()) continue;
    row(description.many, with_commas(count->second.records), with_commas(count->second.bytes), description.tells);
  }
  row("damaged", with_commas(report.damaged), "", "records that are not what their key says");
  row("unknown", with_commas(report.unknown), "", "records of a kind that a home does not make");
  return table;
}

}  // namespace godwit::home
