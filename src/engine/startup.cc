#include "engine/startup.h"

#include "engine/account.h"
#include "engine/bulletins.h"
#include "engine/channel_marks.h"
#include "engine/channels.h"
#include "engine/commits.h"
#include "engine/courier.h"
#include "engine/deleting.h"
#include "engine/doors.h"
#include "engine/held.h"
#include "engine/history.h"
#include "engine/home_move.h"
#include "engine/kept_chats.h"
#include "engine/kept_sharing.h"
#include "engine/linking.h"
#include "engine/message_changes.h"
#include "engine/names.h"
#include "engine/outbox.h"
#include "engine/reading_again.h"
#include "engine/requests.h"
#include "engine/returning.h"
#include "engine/routing.h"
#include "engine/scheduled.h"
#include "engine/search.h"
#include "engine/sync.h"
#include "engine/taking_over.h"
#include "engine/transfers.h"

namespace godwit::engine {
namespace {

// Records in one answer.
constexpr uint32_t kPageMax = 256;

// The parts of a record's key after its kind. False: the key is not of that shape.
template <typename Id>
bool split_key(const Bytes& key, Id& id) {
  return Id::from(ByteView(key).subspan(1), id);
}
template <typename Id>
bool split_key(const Bytes& key, Id& id, uint64_t& number) {
  if (key.size() != 1 + Id::kSize + 8) return false;
  number = 0;
  for (size_t i = 1 + Id::kSize; i < key.size(); ++i) number = (number << 8) | key[i];
  return Id::from(ByteView(key).subspan(1, Id::kSize), id);
}
template <typename Id>
bool split_key_head(const Bytes& key, Id& id) {
  return key.size() >= 1 + Id::kSize && Id::from(ByteView(key).subspan(1, Id::kSize), id);
}

constexpr Error kOddRecord{kProfileDamaged, "a record's key and content fit its kind"};

Status restore_invite(Machine& m, InviteRecord record) {
  Invite invite;
  invite.record = std::move(record);
  invite.stored = true;
  invite.revoked = !invite.record.published;  // nobody has seen its link
  const wire::Alias alias = invite.record.alias;
  m.invites.insert_or_assign(alias, std::move(invite));
  return {};
}

Status restore_one(Machine& m, const LoadedRecord& record);

// What the store has of one kind.
struct KindRead {
  RecordKind kind;
  std::vector<LoadedRecord> records;
  bool whole = false;
};

// All kinds are asked for at once, since a store may let each answer wait, and are restored in their order.
struct ProfileRead {
  std::vector<KindRead> kinds;
  size_t restored = 0;
  std::function<void()> done;
};

void restore_kinds(Machine& m, ProfileRead& read) {
  while (read.restored < read.kinds.size() && read.kinds[read.restored].whole) {
    for (const LoadedRecord& record : std::exchange(read.kinds[read.restored].records, {})) {
      if (const Status restored = restore_one(m, record); !restored) return m.stop(restored.error());
    }
    ++read.restored;
  }
  if (read.restored == read.kinds.size()) read.done();
}

void load_page(Machine& m, const std::shared_ptr<ProfileRead>& read, size_t at, Bytes first) {
  m.load(std::move(first), after_prefix(record_key(read->kinds[at].kind)), kPageMax, false,
         [&m, read, at](std::vector<LoadedRecord> records) {
           if (m.broken) return;
           const bool more = records.size() == kPageMax;
           Bytes next = more ? records.back().key : Bytes{};
           next.push_back(0);
           KindRead& kind = read->kinds[at];
           std::ranges::move(records, std::back_inserter(kind.records));
           if (more) return load_page(m, read, at, std::move(next));
           kind.whole = true;
           restore_kinds(m, *read);
         });
}

// A record of another version is not read as if it were of this one.
template <typename T>
Result<T> parse(const LoadedRecord& record) {
  auto parsed = codec::decoded<T>(record.value.reveal());
  if constexpr (requires(T value) { value.version; }) {
    const ByteView bytes = record.value.reveal();
    REQUIRE(bytes.empty() || bytes.front() <= kRecordVersion, kProfileNewer, "a record of version 8");
    REQUIRE(bytes.empty() || bytes.front() == kRecordVersion, kProfileOlder, "a record of version 8");
  }
  if (!parsed) return kOddRecord;
  return parsed;
}

// A record of device_records.h, which has versions of its own.
template <typename T>
Result<T> parse_own(const LoadedRecord& record) {
  auto parsed = codec::decoded<T>(record.value.reveal());
  if (!parsed) return kOddRecord;
  if constexpr (requires(T value) { value.version; }) {
    REQUIRE(parsed->version <= kDeviceRecordVersion, kProfileNewer, "a record of version 1");
  }
  return parsed;
}

bool is_of_transfers(RecordKind kind) {
  return kind == RecordKind::kUpload || kind == RecordKind::kDownload || kind == RecordKind::kPaused;
}

Status restore_transfer(Chat& chat, RecordKind kind, uint64_t number, const LoadedRecord& record) {
  if (kind == RecordKind::kDownload) {
    chat.fetched.insert_or_assign(number, TRY(parse<DownloadRecord>(record)));
    return {};
  }
  if (kind == RecordKind::kPaused) {
    TRY(parse<PausedRecord>(record));
    const auto upload = chat.uploads.find(number);
    if (upload != chat.uploads.end()) upload->second.paused = true;
    return {};
  }
  Upload upload;
  upload.record = TRY(parse<UploadRecord>(record));
  upload.stored_record = true;
  chat.uploads.insert_or_assign(number, std::move(upload));
  return {};
}

Status restore_chat_part(Machine& m, const LoadedRecord& record) {
  ChatId id;
  uint64_t number = 0;
  const auto kind = static_cast<RecordKind>(record.key.front());
  const bool numbered = kind == RecordKind::kOutbox || kind == RecordKind::kPending || kind == RecordKind::kPastEpoch ||
                        is_of_transfers(kind) || kind == RecordKind::kProgress || kind == RecordKind::kIntent ||
                        kind == RecordKind::kWaiting || kind == RecordKind::kScheduled;
  const bool within_chat = kind == RecordKind::kGroup || kind == RecordKind::kMember;
  const bool has_id = within_chat ? split_key_head(record.key, id)
                      : numbered  ? split_key(record.key, id, number)
                                  : split_key(record.key, id);
  if (!has_id) return kOddRecord;
  Chat* chat = m.find_chat(id);
  if (chat == nullptr && goes_wholly(m, id)) return {};
  if (chat == nullptr) return kOddRecord;
  if (kind == RecordKind::kGroup) {
    const ByteView within = ByteView(record.key).subspan(1 + ChatId::kSize);
    REQUIRE(!within.empty(), kProfileOlder, "a group's state is of version 2");
    chat->loading.emplace(to_bytes(within), record.value.clone());
  } else if (kind == RecordKind::kMember) {
    Member member;
    member.record = TRY(parse<MemberRecord>(record));
    chat->accounts[member.record.number] = member.record.account;
    for (const LeafRecord& leaf : member.record.leaves) chat->owners[leaf.leaf] = member.record.account;
    const AccountId account = member.record.account;
    chat->members.insert_or_assign(account, std::move(member));
  } else if (kind == RecordKind::kIntent) {
    chat->intents.insert_or_assign(number, TRY(parse<IntentRecord>(record)));
  } else if (kind == RecordKind::kProgress) {
    auto progress = TRY(parse<ProgressRecord>(record));
    const auto item = chat->outbox.find(number);
    if (item == chat->outbox.end()) return kOddRecord;
    item->second.recipients = std::move(progress.recipients);
    item->second.accepted = progress.accepted;
  } else if (kind == RecordKind::kStaged) {
    chat->staged = TRY(parse<StagedRecord>(record));
    chat->staged_stored = true;
  } else if (kind == RecordKind::kPastEpoch) {
    chat->retired.insert_or_assign(number, TRY(parse<PastEpochRecord>(record)));
  } else if (kind == RecordKind::kShared) {
    chat->shared = TRY(parse<SharedRecord>(record));
  } else if (kind == RecordKind::kTalk) {
    chat->talk.record = TRY(parse<TalkRecord>(record));
  } else if (kind == RecordKind::kChatSettings) {
    chat->talk.settings = TRY(parse<ChatSettingsRecord>(record));
  } else if (kind == RecordKind::kSaidIds) {
    chat->talk.said = TRY(parse<SaidIdsRecord>(record)).ids;
  } else if (kind == RecordKind::kSaidEdits) {
    chat->talk.said_edits = TRY(parse<SaidEditsRecord>(record)).edits;
  } else if (kind == RecordKind::kWaiting) {
    chat->talk.waiting.insert_or_assign(number, TRY(parse<WaitingRecord>(record)));
  } else if (kind == RecordKind::kScheduled) {
    chat->talk.scheduled.insert_or_assign(number, TRY(parse<ScheduledRecord>(record)));
  } else if (kind == RecordKind::kPending) {
    chat->pending.insert_or_assign(number, TRY(parse<PendingRecord>(record)));
  } else if (is_of_transfers(kind)) {
    return restore_transfer(*chat, kind, number, record);
  } else {
    chat->outbox.insert_or_assign(number, TRY(parse<OutboxRecord>(record)));
  }
  return {};
}

Status restore_post_file(Machine& m, const LoadedRecord& record) {
  wire::ChannelId id;
  uint64_t number = 0;
  if (!split_key(record.key, id, number)) return kOddRecord;
  Transfers* transfers = find_transfers(m, id);
  if (transfers == nullptr) return kOddRecord;
  if (static_cast<RecordKind>(record.key.front()) == RecordKind::kPostDownload) {
    transfers->fetched.insert_or_assign(number, TRY(parse<DownloadRecord>(record)));
    return {};
  }
  Upload upload;
  upload.record = TRY(parse<UploadRecord>(record));
  upload.stored_record = true;
  transfers->uploads.insert_or_assign(number, std::move(upload));
  return {};
}

Status restore_tickets(Machine& m, const LoadedRecord& record) {
  LinkKey key;
  const ByteView id = ByteView(record.key).subspan(1);
  if (id.size() != ChatId::kSize + wire::HomeKey::kSize || !ChatId::from(id.first(ChatId::kSize), key.chat) ||
      !wire::HomeKey::from(id.subspan(ChatId::kSize), key.home)) {
    return kOddRecord;
  }
  m.tickets.insert_or_assign(key, TRY(parse<TicketsRecord>(record)));
  return {};
}

// Of names, contact requests and blocks.
Status restore_name_part(Machine& m, const LoadedRecord& record) {
  ContactRequestId id;
  switch (static_cast<RecordKind>(record.key.front())) {
    case RecordKind::kName:
      restore_name(m, TRY(parse<NameRecord>(record)));
      return {};
    case RecordKind::kRequestAddress:
      restore_request_address(m, TRY(parse<RequestAddressRecord>(record)));
      return {};
    case RecordKind::kContactRequest:
      if (!split_key(record.key, id)) return kOddRecord;
      m.names.requests[id].record = TRY(parse<ContactRequestRecord>(record));
      return {};
    default: {
      auto block = TRY(parse<BlockRecord>(record));
      const AccountId account = block.account;
      m.names.blocks[account].record = std::move(block);
      return {};
    }
  }
}

// Of ways into groups, and back; and what belongs to a chat.
Status restore_of_chats(Machine& m, const LoadedRecord& record) {
  switch (static_cast<RecordKind>(record.key.front())) {
    case RecordKind::kDoor:
      restore_door(m, TRY(parse<DoorRecord>(record)));
      return {};
    case RecordKind::kJoinRequest:
      restore_join_request(m, TRY(parse<JoinRequestRecord>(record)));
      return {};
    case RecordKind::kJoining:
      restore_joining(m, TRY(parse<JoiningRecord>(record)));
      return {};
    case RecordKind::kReturn:
      restore_returning(m, TRY(parse<ReturningRecord>(record)));
      return {};
    case RecordKind::kDeletion:
      return restore_deletion(m, TRY(parse_own<DeletionRecord>(record)));
    default:
      return restore_chat_part(m, record);
  }
}

Status restore_devices_part(Machine& m, const LoadedRecord& record) {
  switch (static_cast<RecordKind>(record.key.front())) {
    case RecordKind::kDevices:
      m.devices.record = TRY(parse_own<DevicesRecord>(record));
      return {};
    case RecordKind::kKeptComing:
      restore_kept_coming(m, TRY(parse_own<KeptComingRecord>(record)));
      return {};
    case RecordKind::kStickerPack: {
      auto pack = TRY(parse_own<StickerPackRecord>(record));
      m.stickers.packs.insert_or_assign(pack.pack, std::move(pack));
      return {};
    }
    case RecordKind::kStickersComing: {
      auto coming = TRY(parse_own<StickersComingRecord>(record));
      m.stickers.coming.insert_or_assign(coming.pack, StickersComing{std::move(coming), false});
      return {};
    }
    case RecordKind::kLinking:
      if (record.key.size() > 1) {
        restore_entering(m, TRY(parse_own<EnteringRecord>(record)));
        return {};
      }
      restore_linking(m, TRY(parse_own<LinkingRecord>(record)));
      return {};
    case RecordKind::kSyncField:
      restore_sync_field(m, record.key, TRY(parse_own<SyncFieldRecord>(record)));
      return {};
    default: {
      ChatId none;
      uint64_t number = 0;
      if (!split_key(record.key, none, number)) return kOddRecord;
      if (static_cast<RecordKind>(record.key.front()) == RecordKind::kSyncEarly) {
        restore_sync_early(m, number, TRY(parse_own<SyncEarlyRecord>(record)));
        return {};
      }
      restore_sync_out(m, number, TRY(parse_own<SyncOutRecord>(record)));
      return {};
    }
  }
}

Status restore_channel_part(Machine& m, const LoadedRecord& record) {
  const auto kind = static_cast<RecordKind>(record.key.front());
  if (kind == RecordKind::kChannel) return restore_channel(m, TRY(parse<ChannelRecord>(record)));
  if (kind != RecordKind::kChannelMark) return restore_post_file(m, record);
  return restore_channel_mark(m, record.key, TRY(parse<ChannelMarkRecord>(record)));
}

Status restore_chat(Machine& m, ChatRecord record) {
  const ChatId id = record.chat;
  if (goes_wholly(m, id)) return {};
  m.chat_of_alias[record.own_alias] = id;
  for (const wire::Alias& each : record.former_aliases) m.chat_of_alias[each] = id;
  if (record.next_alias != wire::Alias{}) m.chat_of_alias[record.next_alias] = id;
  Chat chat;
  chat.record = std::move(record);
  m.chats.insert_or_assign(id, std::move(chat));
  return {};
}

// Of each of these there is one.
Status restore_single(Machine& m, const LoadedRecord& record) {
  const auto kind = static_cast<RecordKind>(record.key.front());
  if (kind == RecordKind::kPrivacy) m.privacy = TRY(parse<PrivacyRecord>(record));
  if (kind == RecordKind::kLan) m.lan.on = TRY(parse<LanRecord>(record)).on;
  if (kind == RecordKind::kWebPush) m.web_push.record = TRY(parse<WebPushRecord>(record));
  if (kind == RecordKind::kLiveCall) m.calls.stored = TRY(parse<LiveCallRecord>(record)).call;
  if (kind == RecordKind::kLiveGroupCall) m.calls.groups.stored = TRY(parse<LiveGroupCallRecord>(record)).call;
  if (kind == RecordKind::kPastCalls) m.calls.past = TRY(parse<PastCallsRecord>(record));
  return {};
}

Status restore_one(Machine& m, const LoadedRecord& record) {
  wire::Alias alias;
  switch (static_cast<RecordKind>(record.key.front())) {
    case RecordKind::kAccount:
      m.self = TRY(restore_account(TRY(parse<AccountRecord>(record))));
      return {};
    case RecordKind::kCursor:
      m.queue.cursor = m.queue.stored = TRY(parse<CursorRecord>(record)).through;
      return {};
    case RecordKind::kHomeMove:
      return restore_home_move(m, TRY(parse<HomeMoveRecord>(record)));
    case RecordKind::kInvite:
      return restore_invite(m, TRY(parse<InviteRecord>(record)));
    case RecordKind::kTaking:
      if (!split_key(record.key, alias)) return kOddRecord;
      m.takings.insert_or_assign(alias, TRY(parse<TakingRecord>(record)));
      return {};
    case RecordKind::kChat:
      return restore_chat(m, TRY(parse<ChatRecord>(record)));
    case RecordKind::kTickets:
      return restore_tickets(m, record);
    case RecordKind::kBulletin:
      return restore_bulletin(m, TRY(parse<BulletinRecord>(record)));
    case RecordKind::kSealingKey:
      return restore_sealing_key(m, record.key, TRY(parse<SealingKeyRecord>(record)));
    case RecordKind::kLetter:
      return restore_letter(m, TRY(parse<LetterRecord>(record)));
    case RecordKind::kMail:
      return restore_mail(m, TRY(parse<MailRecord>(record)));
    case RecordKind::kAddedRoutes:
      return restore_added_routes(m, TRY(parse<AddedRoutesRecord>(record)));
    case RecordKind::kName:
    case RecordKind::kRequestAddress:
    case RecordKind::kContactRequest:
    case RecordKind::kBlock:
      return restore_name_part(m, record);
    case RecordKind::kChannel:
    case RecordKind::kChannelMark:
    case RecordKind::kPostUpload:
    case RecordKind::kPostDownload:
      return restore_channel_part(m, record);
    case RecordKind::kPrivacy:
    case RecordKind::kLan:
    case RecordKind::kWebPush:
    case RecordKind::kLiveCall:
    case RecordKind::kPastCalls:
    case RecordKind::kLiveGroupCall:
      return restore_single(m, record);
    case RecordKind::kDevices:
    case RecordKind::kLinking:
    case RecordKind::kKeptComing:
    case RecordKind::kStickerPack:
    case RecordKind::kStickersComing:
    case RecordKind::kSyncOut:
    case RecordKind::kSyncEarly:
    case RecordKind::kSyncField:
      return restore_devices_part(m, record);
    case RecordKind::kRouteMemory:
      restore_route_memory(m, record.value);
      return {};
    case RecordKind::kKeptChat:
      return restore_kept_chat(m, record.value.reveal());
    case RecordKind::kSearchState:
    case RecordKind::kSearchSegment:
      return restore_search(m, record);
    default:
      return restore_of_chats(m, record);
  }
}

// What was done to the messages of the index.
void load_states(Machine& m, const ChatId& id, const std::function<void()>& done) {
  const Chat& chat = m.chats.at(id);
  if (chat.index.empty()) return done();
  const Bytes first = record_key(RecordKind::kState, id.view(), chat.index.begin()->first);
  const Bytes last = after_prefix(record_key(RecordKind::kState, id.view()));
  m.load(first, last, kIndexWindow, false, [&m, id, done](const std::vector<LoadedRecord>& records) {
    for (const LoadedRecord& record : records) {
      ChatId of;
      uint64_t position = 0;
      auto parsed = parse<StateRecord>(record);
      if (!parsed || !split_key(record.key, of, position)) return m.stop(kOddRecord);
      m.chats.at(id).talk.states.insert_or_assign(position, std::move(*parsed));
    }
    done();
  });
}

// The newest part of a chat's index, what belongs to it, and its newest message.
void load_history(Machine& m, const ChatId& id, const std::function<void()>& done) {
  const Bytes index = record_key(RecordKind::kIndex, id.view());
  m.load(index, after_prefix(index), kIndexWindow, true, [&m, id, done](const std::vector<LoadedRecord>& records) {
    Chat& chat = m.chats.at(id);
    for (const LoadedRecord& record : records) {
      ChatId of;
      uint64_t position = 0;
      auto parsed = parse<IndexRecord>(record);
      if (!parsed || !split_key(record.key, of, position)) return m.stop(kOddRecord);
      chat.positions[parsed->id] = position;
      chat.index.insert_or_assign(position, std::move(*parsed));
    }
    load_states(m, id, [&m, id, done] {
      Chat& loaded = m.chats.at(id);
      refresh_newest(m, loaded);
      look_up_waiting(m, loaded);
      do_late(m, loaded, [&m, id, done] {
        late_done(m, id);
        done();
      });
    });
  });
}

// Of so many chats at once: a store that answers one load after the other, with a wait before each answer, is waited for fewer times.
constexpr size_t kHistoriesAtOnce = 32;

struct HistoriesToLoad {
  std::deque<ChatId> chats;
  size_t under_way = 0;
  std::function<void()> done;
};

void load_next_history(Machine& m, const std::shared_ptr<HistoriesToLoad>& all) {
  if (all->chats.empty()) {
    if (--all->under_way == 0) all->done();
    return;
  }
  const ChatId id = all->chats.front();
  all->chats.pop_front();
  load_history(m, id, [&m, all] { load_next_history(m, all); });
}

void load_histories(Machine& m, std::deque<ChatId> chats, std::function<void()> done) {
  const auto all = std::make_shared<HistoriesToLoad>(HistoriesToLoad{std::move(chats), kHistoriesAtOnce, std::move(done)});
  for (size_t i = 0; i < kHistoriesAtOnce; ++i) load_next_history(m, all);
}

// The MLS state out of its records, all of which have been read.
Status restore_group(Chat& chat) {
  const auto suites = mls::suites_default();
  REQUIRE(!chat.loading.empty(), kProfileDamaged, "a chat has its MLS state");
  if (chat.record.membership == Membership::kActive) {
    chat.group = TRY(mls::Group::restore(suites, chat.loading));
    REQUIRE(equal(chat.group->group_id(), chat.record.chat.view()), kProfileDamaged, "a group is stored under its id");
    const auto settings = parse_group_settings(chat.group->group_context_extensions());
    if (settings) chat.settings = *settings;
  }
  chat.past = TRY(mls::PastEpochs::restore(suites, chat.loading, chat.group ? &*chat.group : nullptr));
  const auto epochs = chat.past.epochs();
  const bool same = std::equal(epochs.begin(), epochs.end(), chat.retired.begin(), chat.retired.end(),
                               [](uint64_t epoch, const auto& entry) { return epoch == entry.first; });
  REQUIRE(same, kProfileDamaged, "an epoch that is over has its time");
  if (chat.staged && chat.group) {
    mls::apply_changes(chat.loading, chat.staged->successor);
    chat.successor = TRY(mls::Group::restore(suites, chat.loading));
    REQUIRE(chat.staged->epoch == chat.group->epoch() && chat.successor->epoch() == chat.staged->epoch + 1,
            kProfileDamaged, "a staged commit ends the epoch");
  }
  chat.loading.clear();
  return {};
}

void finish(Machine& m, const std::function<void()>& ready) {
  for (auto& [id, chat] : m.chats) {
    if (const Status restored = restore_group(chat); !restored) return m.stop(restored.error());
    const auto spread = static_cast<uint64_t>(kLogReadSpread.ms);
    chat.log_read_at = m.now + milliseconds(static_cast<int64_t>(m.random.below(spread)));
    if (!chat.group) chat.log_read_at = kNever;
    if (chat.group) draw_own_first_commit(m, chat);
    forget_recipients(m, chat);
    if (m.self) load_scheduled(m, chat);
    read_newer_again(m, chat);
    m.touch(chat);
  }
  if (m.has_account()) {
    tell_all_channels(m);
    tell_all_group_links(m);
    settle_name(m);
  }
  ready();
}

}  // namespace

void load_profile(Machine& m, std::function<void()> ready) {
  // Chats stand before what belongs to them.
  constexpr auto kKinds = std::to_array<RecordKind>({
      RecordKind::kAccount,        RecordKind::kDevices,        RecordKind::kLinking,      RecordKind::kKeptComing, RecordKind::kSyncOut,
      RecordKind::kSyncEarly,
      RecordKind::kSyncField,      RecordKind::kCursor,         RecordKind::kHomeMove,         RecordKind::kInvite,       RecordKind::kTaking,
      RecordKind::kTickets,        RecordKind::kAddedRoutes,    RecordKind::kRouteMemory,  RecordKind::kBulletin,
      RecordKind::kSealingKey,     RecordKind::kLetter,         RecordKind::kMail,         RecordKind::kLan,
      RecordKind::kWebPush,        RecordKind::kLiveCall,       RecordKind::kPastCalls,      RecordKind::kLiveGroupCall,  RecordKind::kDeletion,
      RecordKind::kChat,           RecordKind::kShared,         RecordKind::kGroup,        RecordKind::kStaged,
      RecordKind::kPastEpoch,      RecordKind::kPending,        RecordKind::kOutbox,       RecordKind::kUpload,
      RecordKind::kPaused,         RecordKind::kDownload,       RecordKind::kTalk,           RecordKind::kChatSettings, RecordKind::kSaidIds,
      RecordKind::kSaidEdits,      RecordKind::kWaiting,        RecordKind::kScheduled,    RecordKind::kPrivacy,
      RecordKind::kMember,         RecordKind::kProgress,       RecordKind::kIntent,       RecordKind::kName,
      RecordKind::kRequestAddress, RecordKind::kContactRequest, RecordKind::kBlock,        RecordKind::kChannel,
      RecordKind::kChannelMark,
      RecordKind::kPostUpload,     RecordKind::kPostDownload,   RecordKind::kDoor,         RecordKind::kJoinRequest,
      RecordKind::kJoining,        RecordKind::kReturn,         RecordKind::kKeptChat,     RecordKind::kSearchState,
      RecordKind::kSearchSegment,  RecordKind::kStickerPack,    RecordKind::kStickersComing});
  const auto read = std::make_shared<ProfileRead>();
  for (const RecordKind kind : kKinds) read->kinds.push_back({kind, {}, false});
  read->done = [&m, ready = std::move(ready)] {
    std::deque<ChatId> chats;
    for (const auto& [id, chat] : m.chats) chats.push_back(id);
    load_histories(m, std::move(chats), [&m, ready] { load_newest_kept(m, [&m, ready] { load_newest_posts(m, [&m, ready] { finish(m, ready); }); }); });
  };
  for (size_t at = 0; at < kKinds.size(); ++at) load_page(m, read, at, record_key(kKinds[at]));
}

}  // namespace godwit::engine
