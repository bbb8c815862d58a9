#include "home/audit.h"

#include <iterator>

#include "home/records.h"

namespace godwit::home {
namespace {

// Looked at in one piece.
constexpr uint32_t kPieceBytes = 1024 * 1024;

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
    {'q', "item waiting", "items waiting", "its size, its address, when it ends; sealed, no sender"},
    {'s', "self-delivery waiting", "self-deliveries waiting", "that one device tells the others something"},
    {'k', "key package pool", "key package pools", "how many key packages are left and were taken"},
    {'p', "key package", "key packages", "its size; sealed by its owner"},
    {'g', "group log", "group logs", "that some group exists, in which 4 weeks it was used; not of whom"},
    {'e', "group log entry", "group log entries", "its epoch and size; sealed"},
    {'b', "blob", "blobs", "its size in a bucket, the day it was begun and the day it ends; nobody's name"},
    {'d', "chunk of a blob", "chunks of blobs", "that it is there; encrypted by whoever stored it"},
    {'u', "name", "names", "that the mailbox has one; which one, only to a guess at the cost of a slow hash"},
    {'w', "name of an owner", "names of owners", "the same"},
    {'h', "channel", "channels", "that it exists, its size, in which 4 weeks it was used; not whose, not who reads"},
    {'i', "channel entry", "channel entries", "what it says, if the channel is public; else sealed"},
    {'n', "spent grant", "spent grants", "that a blob or a channel was begun in the last days; not by whom"},
    {'c', "used admission code", "used admission codes", "how often a code was used; names nobody"},
    {'y', "newcomer", "newcomers", "the week in which a mailbox was opened that a member let in; for two weeks"},
    {'t', "ticket", "tickets", "that a session may be resumed, not whose; sealed"},
    {'j', "backup", "backups", "its size; sealed by its owner"},
    {'z', "web push", "web pushes",
     "which vendor's browser the device is, and an address by which the vendor knows it"},
    {'l', "bridge list", "bridge lists", "in which month the mailbox first asked for bridges"},
    {'r', "sealed request done", "sealed requests done", "that one came, and a day up to a month later; a hash"},
    {'v', "layout record", "layout records", "that this is a home's store"},
    {'D', "remembered delivery id", "remembered delivery ids",
     "that an item came, and a day some 30 days later; a hash"},
    {'C', "queue counter", "queue counters", "how many items came to one device ever, and on which days remembered ids of it end"},
    {'X', "expiry note", "expiry notes", "when an item or the remembered ids of a day end"},
    {'F', "format record", "format records", "that this is a home's store"},
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
    case 'b':
      return decode_record<BlobRecord>(value).has_value();
    case 'n':
      return decode_record<SpentGrantRecord>(value).has_value();
    case 'u':
      return decode_record<NameRecord>(value).has_value();
    case 'w':
      return decode_record<NameOwnerRecord>(value).has_value();
    case 'h':
      return decode_record<ChannelRecord>(value).has_value();
    case 'i':
      return codec::decoded<wire::ChannelEntry>(value).has_value();
    case 'c':
      return decode_record<CodeRecord>(value).has_value();
    case 't':
      return decode_record<StoredTicketRecord>(value).has_value();
    case 'z':
      return decode_record<WebPushRecord>(value).has_value();
    case 'l':
      return decode_record<BridgesRecord>(value).has_value();
    case 'y':
      return decode_record<NewcomerRecord>(value).has_value();
    case 'r':
      return decode_record<SealedRecord>(value).has_value();
    default:
      return true;
  }
}

// The letter of what is not a record; '?' for what a store does not make.
char letter_of(store::EntryKind kind) {
  switch (kind) {
    case store::EntryKind::kItem:
      return 'q';
    case store::EntryKind::kRememberedId:
      return 'D';
    case store::EntryKind::kCounter:
      return 'C';
    case store::EntryKind::kExpiry:
      return 'X';
    case store::EntryKind::kFormat:
      return 'F';
    default:
      return '?';
  }
}

bool starts_with(ByteView bytes, ByteView prefix) {
  return bytes.size() >= prefix.size() && equal(bytes.first(prefix.size()), prefix);
}

}  // namespace

Audit::Audit(store::HomeStore& store, std::optional<wire::MailboxId> mailbox, Show show)
    : storing_(store), mailbox_(mailbox), show_(std::move(show)) {
  tasks_.start(run());
}

Task<Status> Audit::run() {
  auto counting = count();
  auto status = co_await counting;
  if (status) {
    outcome_.emplace(found_);
  } else {
    outcome_.emplace(status.error());
  }
  co_return std::move(status);
}

Task<Status> Audit::count() {
  Bytes after;
  while (true) {
    CO_TRY(piece, co_await storing_.survey(after, kPieceBytes, static_cast<bool>(show_)));
    if (piece.next.empty()) co_return Status{};
    after = std::move(piece.next);
    for (const store::Entry& entry : piece.entries) {
      if (mailbox_ && !belongs(entry)) continue;
      add(entry);
      if (show_) show_(entry);
    }
  }
}

// Whether an entry is of the mailbox that is asked for. Addresses come before their pools and key packages, as 'a' comes
// before 'k' and 'p'.
bool Audit::belongs(const store::Entry& entry) {
  const ByteView key = entry.key;
  if (entry.kind != store::EntryKind::kRecord) return starts_with(key, record_key('q', {mailbox_->view()}));
  if (equal(key, mailbox_key(*mailbox_))) return true;
  if (starts_with(key, record_key('z', {mailbox_->view()}))) return true;
  if (starts_with(key, owner_prefix(*mailbox_)) || equal(key, bridges_key(*mailbox_))) return true;
  if (equal(key, newcomer_key(*mailbox_))) return true;
  if (equal(key, name_owner_key(*mailbox_)) || equal(key, backup_key(*mailbox_))) return true;
  if (starts_with(key, record_key('u'))) {
    const auto record = decode_record<NameRecord>(entry.value);
    return record && record->mailbox == *mailbox_;
  }
  if (starts_with(key, record_key('s'))) {
    const auto record = decode_record<SelfDeliveryRecord>(entry.value);
    return record && record->mailbox == *mailbox_;
  }
  if (starts_with(key, record_key('c'))) {
    const auto record = decode_record<CodeRecord>(entry.value);
    return record && record->last == *mailbox_;
  }
  wire::Alias alias;
  if (key.size() < 1 + wire::Alias::kSize || !wire::Alias::from(key.subspan(1, wire::Alias::kSize), alias))
    return false;
  if (key[0] == 'a') {
    const auto record = decode_record<AddressRecord>(entry.value);
    const bool own = record && record->mailbox == *mailbox_;
    if (own) aliases_.insert(alias);
    return own;
  }
  return (key[0] == 'k' || key[0] == 'p') && aliases_.contains(alias);
}

char audit_kind(const store::Entry& entry) {
  const bool of_record = entry.kind == store::EntryKind::kRecord;
  const bool of_home = of_record || entry.kind == store::EntryKind::kFormat || starts_with(entry.key, record_key('q'));
  const char first = entry.key.empty() ? '?' : static_cast<char>(entry.key[0]);
  const char kind = of_record ? first : letter_of(entry.kind);
  // A record under a letter that is not a record's, and a queue that is no device's, are nothing of ours either.
  const bool misplaced = of_record && (kind == 'q' || (kind >= 'A' && kind <= 'Z'));
  return describe(kind) == nullptr || !of_home || misplaced ? '?' : kind;
}

std::string audit_name(char kind) {
  const Description* description = describe(kind);
  return description == nullptr ? "unknown" : description->one;
}

std::string audit_tells(char kind) {
  const Description* description = describe(kind);
  return description == nullptr ? "what a home does not make: there must be none" : description->tells;
}

std::string audit_letters() {
  std::string out;
  for (const Description& description : kDescriptions) out += description.kind;
  return out;
}

void Audit::add(const store::Entry& entry) {
  const char kind = audit_kind(entry);
  if (kind == '?') {
    ++found_.unknown;
    return;
  }
  if (!entry.sound || !decodes(kind, entry.value)) ++found_.damaged;
  AuditCount& count = found_.kinds[kind];
  ++count.records;
  count.bytes += entry.bytes;
}

std::string audit_line(const AuditReport& report) {
  std::string line;
  for (const Description& description : kDescriptions) {
    const auto count = report.kinds.find(description.kind);
    if (count == report.kinds.end() || description.kind == 'v' || description.kind == 'F') continue;
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
  row("unknown", with_commas(report.unknown), "", audit_tells('?'));
  return table;
}

}  // namespace godwit::home
