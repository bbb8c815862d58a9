#include "home/audit_fields.h"

#include <ctime>
#include <span>

#include "home/audit.h"
#include "home/records.h"
#include "wire/web_push.h"

namespace godwit::home {
namespace {

struct FieldNote {
  const char* name;
  const char* tells;
};

// ---- how values read ------------------------------------------------------------------------------------------------

std::string date_of(uint64_t day) {
  const auto seconds = static_cast<time_t>(day * 86'400);
  tm broken{};
  ::gmtime_r(&seconds, &broken);
  char text[16];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d", &broken));
}

template <typename T>
std::string reads_as(std::string_view name, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "yes" : "no";
  } else if constexpr (std::is_unsigned_v<T>) {
    std::string out = std::to_string(value);
    if (name.ends_with("_day") && value != 0) out += ", " + date_of(value);
    if (name.ends_with("_hour") && value != 0)
      out += ", hour " + std::to_string(value % 24) + " of " + date_of(value / 24);
    return out;
  } else {
    return {};
  }
}

// ---- values ---------------------------------------------------------------------------------------------------------

using Fields = std::vector<AuditField>;
// Takes a value apart; false: it is not what it should be. With `out` null nothing is read.
using Value = bool (*)(ByteView value, Fields* out, std::span<const FieldNote>& notes);

template <typename Record>
constexpr size_t kFieldCount = decltype(Record::fields(std::declval<Record&>())(
    [](const auto&... each) { return std::integral_constant<size_t, sizeof...(each)>(); }))::value;

// A record, field by field: each encoded alone gives its stretch.
template <typename Record, const auto& kNotes>
bool record(ByteView value, Fields* out, std::span<const FieldNote>& notes) {
  static_assert(kFieldCount<Record> == std::size(kNotes),
                "audit_fields.cc: a field of a record that nothing is told about");
  notes = kNotes;
  if (out == nullptr) return true;
  const auto decoded = codec::decoded<Record>(value);
  if (!decoded) return false;
  size_t at = 0;
  const auto add = [&](const auto& field) {
    const FieldNote& note = kNotes[at++];
    out->push_back({note.name, codec::encoded(field), reads_as(note.name, field), note.tells});
  };
  Record::fields (*decoded)([&](const auto&... field) { (add(field), ...); });
  return true;
}

// Bytes that the home does not look into.
template <const auto& kNotes>
bool opaque(ByteView value, Fields* out, std::span<const FieldNote>& notes) {
  static_assert(std::size(kNotes) == 1);
  notes = kNotes;
  if (out != nullptr) out->push_back({kNotes[0].name, to_bytes(value), {}, kNotes[0].tells});
  return true;
}

// No value.
bool empty(ByteView value, Fields* out, std::span<const FieldNote>& notes) {
  notes = {};
  return out == nullptr || value.empty();
}

// What is inside a field is counted too: one more member, and its note has to say so.
static_assert(kFieldCount<DeviceRecord> == 2 && kFieldCount<OldToken> == 2 && kFieldCount<TakeRecord> == 4);
static_assert(kFieldCount<wire::WebPushSubscription> == 3);

constexpr FieldNote kStoreNotes[] = {{"layout", "the version of the records"}};
constexpr FieldNote kMailboxNotes[] = {
    {"devices",
     "how many devices there are: of each the public key that it made for this mailbox alone, and 8 random bytes"},
    {"leaving", "8 random bytes of each removed device whose queue is not gone yet"},
    {"last_seen_day", "the day of its last use, nothing finer"},
    {"recovery", "a hash of the key that its owner keeps on paper; zeros: there is none"},
    {"list_head", "a hash of its owner's list of devices; zeros: nothing was added or removed yet"},
};
constexpr FieldNote kAddressNotes[] = {
    {"mailbox", "whose address it is"},
    {"token_hash", "a hash of what one shows to write there; who has that is not here"},
    {"old_token", "of the token before: its hash, and the last day on which it is accepted"},
    {"expires_day", "the last day of the address; 0: none"},
    {"strangers", "whether contact requests come by it, and nothing else"},
};
constexpr FieldNote kItemNotes[] = {
    {"alias", "by which address it came; zeros: from another device of the same mailbox"},
    {"sealed", "its size; sealed under a key that is not kept. Not who sent it"},
};
constexpr FieldNote kSelfDeliveryNotes[] = {
    {"mailbox", "whose it is"},
    {"from", "8 random bytes of the device that says it"},
    {"delivery_id", "a random id"},
    {"expires_hour", "when it ends"},
    {"payload", "its size; encrypted for the own devices"},
};
constexpr FieldNote kPoolNotes[] = {
    {"generation", "a hash of what was published"},
    {"count", "how many key packages there were"},
    {"next", "how many of them were taken"},
    {"has_last_resort", "whether one may be taken again and again"},
    {"last_resort_used", "whether it was taken"},
    {"takes",
     "of those taken today and yesterday: a hash of a random id, of the pool, which, and the day. Not by whom"},
};
constexpr FieldNote kLogNotes[] = {
    {"epoch", "how many changes the group made"},
    {"epoch_token_hash", "a hash of what members show to append"},
    {"read_token_hash", "a hash of what members show to read"},
    {"bytes", "the size of its entries"},
    {"used_day", "in which four weeks it was last used"},
    {"ended", "whether it is being removed"},
};
constexpr FieldNote kEntryNotes[] = {
    {"next_epoch_token_hash", "a hash of what members of the next epoch show to append"},
    {"read_token_hash", "a hash of what members show to read"},
    {"entry", "its size; sealed by the group"},
};
constexpr FieldNote kBlobNotes[] = {
    {"chunks", "how large it is, in a bucket"},       {"begun_day", "the day on which it was begun"},
    {"end_day", "the day on which it ends"},          {"whole", "whether all of it is there"},
    {"removed", "whether the operator took it away"},
};
constexpr FieldNote kSpentGrantNotes[] = {
    {"blob", "a hash of what the grant was spent on"},
    {"expires_day", "the grant's last day"},
};
constexpr FieldNote kNameNotes[] = {
    {"mailbox", "whose name it is"},
    {"access_hash", "a hash of what one shows to get the card"},
    {"card", "its size; sealed under a key from name and passcode"},
};
constexpr FieldNote kNameOwnerNotes[] = {{"name", "a slow hash of the name: which one, only to a guess"}};
constexpr FieldNote kChannelNotes[] = {
    {"key", "the key that signs the channel"},
    {"next", "how many entries it has"},
    {"last_hash", "a hash of the last entry"},
    {"head", "which entry says what the channel is"},
    {"bytes", "the size of its entries"},
    {"begun_day", "in which four weeks it was made"},
    {"used_day", "in which four weeks somebody last wrote"},
    {"ended", "whether it is being removed"},
    {"removed", "whether the operator took it away"},
    {"erased", "whether its entries are gone"},
};
constexpr FieldNote kChannelEntryNotes[] = {
    {"header", "its place, its time, the entry before it, a hash of its content"},
    {"signature", "that the channel's owner made it"},
    {"content", "what it says, if the channel is public; else sealed"},
};
constexpr FieldNote kCodeNotes[] = {
    {"used", "how often the code was used"},
    {"expires_day", "the code's last day; 0: none"},
    {"last", "the mailbox that is being opened with it, until it is open"},
};
constexpr FieldNote kTicketNotes[] = {
    {"expires_day", "the first day on which it is worth nothing"},
    {"sealed", "sealed under a key that is not on this disk: not whose it is"},
};
constexpr FieldNote kSealedNotes[] = {{"expires_day", "the first day on which it may be forgotten"}};
constexpr FieldNote kNewcomerNotes[] = {{"until_day", "the week in which a member let it in, until then"}};
constexpr FieldNote kBridgesNotes[] = {{"first_month", "in which month of 30 days it first asked for bridges"}};
constexpr FieldNote kWebPushNotes[] = {
    {"subscription",
     "an address at the browser's push service, by which its vendor knows the browser, and the browser's " "key " "and " "secret for what is sent"},
};
constexpr FieldNote kPackageNotes[] = {{"key_package", "its size; sealed by its owner"}};
constexpr FieldNote kChunkNotes[] = {{"chunk", "encrypted by whoever stored it"}};
constexpr FieldNote kBackupNotes[] = {{"backup", "its size; sealed under a key that its owner keeps on paper"}};

// ---- keys -----------------------------------------------------------------------------------------------------------

constexpr size_t kRest = 0;

struct KeyPart {
  const char* name;
  size_t size;  // kRest: what is left
  const char* tells;
};

constexpr KeyPart kMailboxPart = {"mailbox", wire::MailboxId::kSize, "the mailbox's random id"};
constexpr KeyPart kAliasPart = {"alias", wire::Alias::kSize,
                                "the address's random id, as those know it who write there"};
constexpr KeyPart kTagPart = {"tag", DeviceTag::kSize, "8 random bytes that tell the devices of the mailbox apart"};
constexpr KeyPart kLogPart = {"log", wire::LogId::kSize, "the group log's random id"};
constexpr KeyPart kChannelPart = {"channel", wire::ChannelId::kSize, "the channel's id, as it stands in its link"};
constexpr KeyPart kBlobPart = {"blob", BlobHash::kSize, "a hash of the blob's id"};

struct Kind {
  char letter;
  std::vector<KeyPart> key;  // behind the letter
  Value value;
};

// The home's records, in the order of records.h.
const std::vector<Kind>& record_kinds() {
  static const std::vector<Kind> kinds = {
      {'v', {}, record<StoreRecord, kStoreNotes>},
      {'m', {kMailboxPart}, record<MailboxRecord, kMailboxNotes>},
      {'o', {kMailboxPart, kAliasPart}, empty},
      {'a', {kAliasPart}, record<AddressRecord, kAddressNotes>},
      {'s',
       {{"name", ShortHash::kSize, "a hash of mailbox and delivery id"}},
       record<SelfDeliveryRecord, kSelfDeliveryNotes>},
      {'k', {kAliasPart}, record<PoolRecord, kPoolNotes>},
      {'p',
       {kAliasPart,
        {"generation", ShortHash::kSize, "a hash of what was published"},
        {"index", 2, "which of the pool"}},
       opaque<kPackageNotes>},
      {'g', {kLogPart}, record<LogRecord, kLogNotes>},
      {'e',
       {kLogPart, {"epoch", 8, "which change"}, {"attempt", 1, "which of several for it"}},
       record<EntryRecord, kEntryNotes>},
      {'b', {kBlobPart}, record<BlobRecord, kBlobNotes>},
      {'d',
       {{"begun_day", 4, "the day on which the blob was begun"}, kBlobPart, {"index", 4, "which chunk"}},
       opaque<kChunkNotes>},
      {'n', {{"grant", ShortHash::kSize, "a hash of the grant's id"}}, record<SpentGrantRecord, kSpentGrantNotes>},
      {'u',
       {{"name", wire::NameId::kSize, "a slow hash of the name: which one, only to a guess"}},
       record<NameRecord, kNameNotes>},
      {'w', {kMailboxPart}, record<NameOwnerRecord, kNameOwnerNotes>},
      {'h', {kChannelPart}, record<ChannelRecord, kChannelNotes>},
      {'i', {kChannelPart, {"sequence", 8, "which entry"}}, record<wire::ChannelEntry, kChannelEntryNotes>},
      {'c', {{"code", ShortHash::kSize, "a hash of the code"}}, record<CodeRecord, kCodeNotes>},
      {'t', {{"ticket", kRest, "a keyed hash of the ticket's id"}}, record<StoredTicketRecord, kTicketNotes>},
      {'r', {{"request", ShortHash::kSize, "a hash of the request's id"}}, record<SealedRecord, kSealedNotes>},
      {'y', {kMailboxPart}, record<NewcomerRecord, kNewcomerNotes>},
      {'l', {kMailboxPart}, record<BridgesRecord, kBridgesNotes>},
      {'j', {kMailboxPart}, opaque<kBackupNotes>},
      {'z', {kMailboxPart, kTagPart}, record<WebPushRecord, kWebPushNotes>},
  };
  return kinds;
}

// What the store has for itself (store/layout.h): keys and values are of fixed sizes, but for the item.
struct StoreKind {
  char letter;  // as in AuditReport::kinds
  std::vector<KeyPart> key;
  std::vector<KeyPart> value;
  Value rest;  // of the value
};

constexpr KeyPart kQueueSizePart = {"queue_size", 4, "nothing: always the same"};
constexpr KeyPart kQueuePart = {"queue", 1, "the letter of a queue"};
constexpr KeyPart kSequencePart = {"sequence", 8, "how many items came to the device before it"};
constexpr KeyPart kIdPart = {"id", 16, "a hash of queue and delivery id: not of which item"};

const std::vector<StoreKind>& store_kinds() {
  static const std::vector<StoreKind> kinds = {
      {'q',
       {kQueueSizePart, kQueuePart, kMailboxPart, kTagPart, kSequencePart},
       {{"expires", 8, "when it ends: a full day if it is kept for a day or longer, else a full hour"}},
       record<QueueItemRecord, kItemNotes>},
      {'D',
       {kQueueSizePart, kQueuePart, kMailboxPart, kTagPart, kIdPart},
       {{"remember_until", 8, "the day until which it is remembered that something came, some 30 days later"}},
       empty},
      {'C',
       {kQueueSizePart, kQueuePart, kMailboxPart, kTagPart},
       {{"last", 8, "how many items came to the device ever"},
        {"days", kRest, "on which days remembered ids are to be removed: what these say themselves"}},
       empty},
      {'X',
       {{"time", 8, "when what is named is to be removed: the same time once more"},
        {"of", 1, "whether it is an item, a remembered id, or all of these that end then"},
        kQueueSizePart,
        kQueuePart,
        kMailboxPart,
        kTagPart,
        {"sequence_or_id", kRest, "which one"}},
       {{"through", kRest, "which id was the last that was looked at, while they are being removed"}},
       empty},
      {'F',
       {{"name", kRest, "that this is a home's store"}},
       {{"format", 8, "the version of the store's layout"}},
       empty},
  };
  return kinds;
}

// ---- taking apart ---------------------------------------------------------------------------------------------------

// Cuts `bytes` into `parts`. False: they do not fit.
bool cut(ByteView& bytes, std::span<const KeyPart> parts, Fields& out) {
  for (const KeyPart& part : parts) {
    const size_t size = part.size == kRest ? bytes.size() : part.size;
    if (bytes.size() < size) return false;
    if (part.size == kRest && size == 0) continue;
    out.push_back({part.name, to_bytes(bytes.first(size)), {}, part.tells});
    bytes = bytes.subspan(size);
  }
  return true;
}

constexpr const char* kUnreadable = "nothing that a home makes: there must be none";

// What could not be cut is shown as it is.
void add_rest(ByteView bytes, Fields& out) {
  if (!bytes.empty()) out.push_back({"unreadable", to_bytes(bytes), {}, kUnreadable});
}

template <typename Kinds>
auto* find_kind(const Kinds& kinds, char letter) {
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.letter == letter; });
  return found == kinds.end() ? nullptr : &*found;
}

bool take_value(const Value& value, ByteView bytes, Fields& out) {
  Fields fields;
  std::span<const FieldNote> notes;
  if (!value(bytes, &fields, notes)) {
    add_rest(bytes, out);
    return false;
  }
  out.insert(out.end(), std::make_move_iterator(fields.begin()), std::make_move_iterator(fields.end()));
  return true;
}

void take_record(const store::Entry& entry, AuditEntry& out) {
  ByteView key = entry.stored_key;
  const KeyPart letters[] = {{"store", 1, "that it is a record"}, {"kind", 1, "of which kind"}};
  const Kind* kind = key.size() < 2 ? nullptr : find_kind(record_kinds(), static_cast<char>(key[1]));
  out.readable = kind != nullptr && cut(key, letters, out.key) && cut(key, kind->key, out.key) && key.empty();
  add_rest(key, out.key);
  if (kind == nullptr) return add_rest(entry.stored_value, out.value);
  out.kind = kind->letter;
  out.readable = take_value(kind->value, entry.stored_value, out.value) && out.readable;
}

void take_stores_own(const store::Entry& entry, char letter, AuditEntry& out) {
  const StoreKind* kind = find_kind(store_kinds(), letter);
  ByteView key = entry.stored_key;
  ByteView value = entry.stored_value;
  out.kind = letter;
  const KeyPart store[] = {{"store", 1, "what the entry is to the store"}};
  const bool named = letter == 'F' || cut(key, store, out.key);
  out.readable = named && cut(key, kind->key, out.key) && key.empty();
  add_rest(key, out.key);
  out.readable = cut(value, kind->value, out.value) && out.readable;
  out.readable = take_value(kind->rest, value, out.value) && out.readable;
}

// ---- text -----------------------------------------------------------------------------------------------------------

std::string count_of(uint64_t bytes) { return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes"); }

void print_fields(const char* where, const Fields& fields, std::string& out) {
  constexpr size_t kLine = 32;
  for (const AuditField& field : fields) {
    out += std::string("  ") + where + " " + field.name + ", " + count_of(field.bytes.size());
    if (!field.reads.empty()) out += " (" + field.reads + ")";
    out += ": " + field.tells + "\n";
    for (size_t at = 0; at < field.bytes.size(); at += kLine)
      out += "    " + to_hex(ByteView(field.bytes).subspan(at, std::min(kLine, field.bytes.size() - at))) + "\n";
  }
}

void print_parts(const char* where, std::span<const KeyPart> parts, std::string& out) {
  for (const KeyPart& part : parts) out += std::string("  ") + where + " " + part.name + ": " + part.tells + "\n";
}

void print_notes(const Value& value, std::string& out) {
  std::span<const FieldNote> notes;
  value({}, nullptr, notes);
  for (const FieldNote& note : notes) out += std::string("  value ") + note.name + ": " + note.tells + "\n";
}

std::string title_of(char kind) {
  return std::string(1, kind) + " " + audit_name(kind) + ": " + audit_tells(kind) + "\n";
}

}  // namespace

AuditEntry take_apart(const store::Entry& entry) {
  AuditEntry out;
  const char letter = audit_kind(entry);
  if (entry.kind == store::EntryKind::kRecord) {
    take_record(entry, out);
  } else if (find_kind(store_kinds(), letter) != nullptr) {
    take_stores_own(entry, letter, out);
  } else {
    add_rest(entry.stored_key, out.key);
    add_rest(entry.stored_value, out.value);
  }
  if (letter == '?') out.kind = '?';
  out.readable = out.readable && out.kind != '?' && entry.sound;
  return out;
}

std::string print_entry(const AuditEntry& entry) {
  uint64_t bytes = 0;
  for (const Fields* fields : {&entry.key, &entry.value}) {
    for (const AuditField& field : *fields) bytes += field.bytes.size();
  }
  std::string out = count_of(bytes) + ", " + title_of(entry.kind);
  if (!entry.readable) out.insert(0, "DAMAGED or UNKNOWN, ");
  print_fields("key", entry.key, out);
  print_fields("value", entry.value, out);
  return out;
}

std::string print_kinds() {
  std::string out;
  for (const Kind& kind : record_kinds()) {
    out += title_of(kind.letter);
    print_parts("key", kind.key, out);
    print_notes(kind.value, out);
  }
  for (const StoreKind& kind : store_kinds()) {
    out += title_of(kind.letter);
    print_parts("key", kind.key, out);
    print_parts("value", kind.value, out);
    print_notes(kind.rest, out);
  }
  return out;
}

}  // namespace godwit::home
