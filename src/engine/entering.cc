// Letting contacts into a group: keys are asked for and given over the chat of two, the welcome goes to an address that was made
// for it.

#include <algorithm>

#include "engine/account.h"
#include "engine/chat_lines.h"
#include "engine/chat_settings.h"
#include "engine/commits.h"
#include "engine/contacts.h"
#include "engine/dead_bases.h"
#include "engine/deleting.h"
#include "engine/epochs.h"
#include "engine/group_content.h"
#include "engine/groups.h"
#include "engine/history.h"
#include "engine/home_move.h"
#include "engine/inbox.h"
#include "engine/intents.h"
#include "engine/invites.h"
#include "engine/log_move.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "engine/receipts.h"
#include "engine/returning.h"
#include "engine/scheduled.h"
#include "engine/taking_over.h"
#include "mls/errors.h"

namespace godwit::engine {
namespace {

// Keys that one contact was given and that have led nowhere yet: each is an address at the own home.
constexpr size_t kOffersMax = 16;
constexpr size_t kKeyPackagesMax = 8;

// A list that lost is not known to a group that its account has left: who lets somebody in looks at what he knows himself.
Status check_list_at_door(const Chat& direct, const MemberInfo& info, const mls::LeafNode& leaf) {
  const MemberRecord* peer = peer_of(direct);
  REQUIRE(peer != nullptr, kBadContent, "keys come over a chat of two");
  const DeviceList known = TRY(DeviceList::validate(info.account, peer->devices));
  const ListVerdict verdict = known.judge(info.devices);
  REQUIRE(verdict != ListVerdict::kLoses && (verdict != ListVerdict::kSame || known.has(leaf.signature_key)),
          kBadDeviceList, "keys are of a device on its account's list");
  return {};
}

// The one of the key packages that is for this group, of this account, which is the other one in `direct`.
Result<Bytes> package_for(const Chat& chat, const Chat& direct, const AccountId& author, const KeysOffered& offered,
                          Instant now) {
  REQUIRE(offered.key_packages.size() <= kKeyPackagesMax, kBadContent, "keys are for a few suites");
  for (const Bytes& one : offered.key_packages) {
    const auto package = mls::KeyPackage::parse(chat.group->suite(), one, now);
    if (!package) continue;
    const MemberInfo info = TRY(joiner_of(chat, one, now));
    REQUIRE(info.account == author, kBadContent, "keys are of the one who gives them");
    TRY(check_list_at_door(direct, info, package->leaf_node()));
    return Bytes(one);
  }
  return Error{kBadContent, "keys are for the suite of the group"};
}

// The other account of a chat of two into which another device of ours lets us, or none: a group.
Result<std::optional<AccountId>> peer_in(const Machine& m, const Invite& invite, const mls::Group& group) {
  const AccountId& own = m.self->record.account;
  const auto settings = TRY(parse_group_settings(group.group_context_extensions()));
  if (settings && settings->saved) {
    REQUIRE(invite.record.asker == own, kBadContent, "only our own devices let us into what is saved");
    for (const mls::Member& leaf : group.members()) {
      REQUIRE(equal(leaf.identity, own.view()), kBadContent, "saved messages are of one account");
    }
  }
  if (settings) return std::optional<AccountId>{};
  REQUIRE(invite.record.asker == own, kBadContent, "only our own devices let us into a chat of two");
  std::set<AccountId> others;
  for (const mls::Member& leaf : group.members()) {
    AccountId account;
    REQUIRE(AccountId::from(leaf.identity, account), kBadContent, "a leaf's identity is an account id");
    if (account != own) others.insert(account);
  }
  REQUIRE(others.size() == 1, kBadContent, "a chat of two is of two");
  return std::optional(*others.begin());
}

// Behind which epoch somebody can bring us back: our own; or, if nobody follows where we are, the one in which the log was moved.
uint64_t last_before(const Chat& known, const Chat& chat) {
  if (!known.record.astray || chat.record.moves.empty()) return known.group->epoch();
  const auto move = codec::decoded<LogMove>(chat.record.moves.back());
  return move ? move->epoch : known.group->epoch();
}

// Who comes back comes into the chat that he was in: its log is where it was.
Status check_group(const Machine& m, const Invite& invite, const mls::Group& group, const Chat& chat) {
  REQUIRE(chat.record.chat == invite.record.group, kBadContent, "keys are for one group");
  REQUIRE(group.group_context_extensions().size() <= 1, kBadContent, "a group has settings and nothing beside");
  TRY(check_members(group));
  const Chat* known = nullptr;
  if (const auto found = m.chats.find(chat.record.chat); found != m.chats.end()) known = &found->second;
  REQUIRE(known == nullptr || !known->group || m.returns.returning.contains(chat.record.chat), kBadContent,
          "a group id is new, or of a group that we are not in any more");
  REQUIRE(known == nullptr || !known->group || group.epoch() > last_before(*known, chat), kBadContent,
          "who comes back comes into a later epoch");
  if (known != nullptr && known->group) {
    const LogLocation& log = known->record.log;
    const bool there = log.log == chat.record.log.log && log.home.key == chat.record.log.home.key;
    if (!there) TRY(check_moved(m, *known, chat.record.log, chat.record.moves));
    REQUIRE(known->record.kind == chat.record.kind && known->record.peer == chat.record.peer, kBadContent,
            "who comes back finds the chat that he was in");
  }
  return {};
}

// Whoever has not read yet that we are back writes to the address before, under keys of before. What he says does not open any more, and he
// is asked for it again.
void keep_former_address(Machine& m, ChatRecord& before, ChatRecord& now) {
  now.former_aliases = std::move(before.former_aliases);
  if (before.own_alias != now.own_alias) keep_former_alias(m, now, before.own_alias);
  for (const wire::Alias& alias : now.former_aliases) m.chat_of_alias[alias] = now.chat;
  now.dead = std::move(before.dead);
  if (!is_same_base(before.keys, now.keys)) now.previous.push_back(std::move(before.keys));
  for (ChatKeys& each : before.previous) {
    if (!is_same_base(each, now.keys) && now.previous.size() < kPreviousBasesMax) now.previous.push_back(std::move(each));
  }
}

// Those who were in a chat when we lost it.
struct Former {
  std::map<AccountId, Member> members;
  std::set<AccountId> put_out;  ///< Whom commits had taken out, as far as we have read.
  std::optional<GroupSettings> settings;
  bool lost = false;  ///< We were in it until now, as far as we knew.
};

std::set<AccountId> put_out_of(const Chat& chat) {
  std::set<AccountId> out;
  for (const auto& [epoch, past] : chat.retired) {
    for (const FormerLeaf& leaf : past.removed) out.insert(leaf.account);
  }
  if (chat.settings) out.insert(chat.settings->barred.begin(), chat.settings->barred.end());
  std::erase_if(out, [&chat](const AccountId& account) { return chat.members.contains(account); });
  return out;
}

// What is kept of a chat that we were in before.
void take_over_history(Machine& m, Chat& chat, Former& former) {
  const auto found = m.chats.find(chat.record.chat);
  if (found == m.chats.end()) return;
  Chat& old = found->second;
  const bool returns = old.group.has_value();
  former.put_out = put_out_of(old);
  former.settings = old.settings;
  former.lost = returns;
  if (returns) lose_group(m, old);
  while (!old.retired.empty()) {
    m.journal.erase(record_key(RecordKind::kPastEpoch, chat.record.chat.view(), old.retired.begin()->first));
    old.retired.erase(old.retired.begin());
    old.past.drop_oldest();
  }
  m.put_changes(old, old.past.take_changes());
  forget_aliases(m, old.record);
  if (returns) keep_former_address(m, old.record, chat.record);
  chat.record.last = old.record.last;
  chat.record.read = old.record.read;
  chat.record.outbox_next = old.record.outbox_next;
  chat.record.pending_next = old.record.pending_next;
  chat.record.intent_next = old.record.intent_next;
  chat.record.unknown_next = old.record.unknown_next;
  chat.index = std::move(old.index);
  chat.positions = std::move(old.positions);
  chat.talk = std::move(old.talk);
  chat.uploads = std::move(old.uploads);
  chat.fetched = std::move(old.fetched);
  chat.shared = std::move(old.shared);
  chat.pending = std::move(old.pending);
  chat.outbox = std::move(old.outbox);
  chat.intents = std::move(old.intents);
  chat.wishers = std::move(old.wishers);
  chat.asked = std::move(old.asked);
  chat.last_sending = old.last_sending;
  chat.record.verified = old.record.verified;
  for (const auto& [account, member] : old.members) {
    m.journal.erase(record_key(RecordKind::kMember, chat.record.chat.view(), account.view()));
  }
  former.members = std::move(old.members);
}

// What waits to be said goes to those who are still there, by their numbers of now; what was for all also to those who came meanwhile, but
// not to whom we knew as taken out: where the log goes on he may be in. What programs say of a group as it was goes to nobody.
void readdress(const Machine& m, Chat& chat, const Former& former) {
  MemberSet all = everybody(m, chat);
  for (const AccountId& account : former.put_out) {
    if (const Member* member = find_member(chat, account)) all.remove(member->record.number);
  }
  std::map<uint32_t, AccountId> accounts;
  for (const auto& [account, member] : former.members) {
    if (account != m.self->record.account) accounts.emplace(member.record.number, account);
  }
  for (auto& [number, item] : chat.outbox) {
    const MemberSet before = std::exchange(item.recipients, MemberSet{});
    const auto content = parse_content(item.content);
    if (!content || static_cast<uint16_t>(content->kind) >= kSilentKinds || content->kind == ContentKind::kResend)
      continue;
    size_t count = 0;
    for (const auto& [old, account] : accounts) {
      if (!before.has(old)) continue;
      ++count;
      if (const Member* member = find_member(chat, account)) item.recipients.add(member->record.number);
    }
    if (count == accounts.size() && content->kind != ContentKind::kReceipt) item.recipients = all;
  }
}

// What has changed about the members since we lost the chat, by whichever commits.
MemberChanges changes_since(const Former& former, const Chat& chat) {
  MemberChanges out;
  for (const auto& [account, member] : chat.members) {
    const auto before = former.members.find(account);
    if (before == former.members.end()) {
      out.joined.push_back(account);
    } else if (shown_name(before->second.record.name) != member.record.name) {
      out.renamed.emplace(account, shown_name(before->second.record.name));
    }
  }
  for (const auto& [account, member] : former.members) {
    if (!chat.members.contains(account)) out.left_names.emplace(account, shown_name(member.record.name));
  }
  return out;
}

// Of us, once we are in by a Welcome of the leaf `by`.
Coming coming_of(const Machine& m, const Chat& chat, const Former& former, const InviteRecord& invite,
                 mls::LeafIndex by, uint64_t clock) {
  Coming out;
  if (const auto owner = chat.owners.find(by.value); owner != chat.owners.end()) out.by = owner->second;
  out.clock = std::min(clock, kClockFirstMax);
  out.is_back = former.lost;
  const Member* own = find_member(chat, m.self->record.account);
  out.is_new = !former.lost && own != nullptr && own->record.leaves.size() == 1 && !is_by_own_device(m, invite);
  const auto joining = m.doors.joining.find(chat.record.chat);
  const bool by_link = joining != m.doors.joining.end() && joining->second.record.alias == invite.alias;
  const bool approved = by_link && joining->second.record.link.approval;
  out.by_link = by_link && !approved && !(chat.settings && chat.settings->join_by_approval);
  if (!former.lost) return out;
  out.before = former.settings;
  out.members = changes_since(former, chat);
  return out;
}

// After sync_members: what was known of members who are still there, and what waits to be said to them.
void take_over_members(Machine& m, Chat& chat, const Former& former) {
  for (auto& [account, member] : chat.members) {
    const auto before = former.members.find(account);
    if (before == former.members.end()) continue;
    member.record.since_clock = before->second.record.since_clock;
    member.record.spoke_ms = before->second.record.spoke_ms;
    member.record.seen = before->second.record.seen && before->second.record.alias == member.record.alias;
    put_member(m, chat, member);
  }
  readdress(m, chat, former);
  address_anew(m, chat);
}

}  // namespace

Result<MemberInfo> joiner_of(const Chat& chat, ByteView package, Instant now) {
  const auto parsed = TRY(mls::KeyPackage::parse(chat.group->suite(), package, now));
  const mls::LeafNode& leaf = parsed.leaf_node();
  MemberInfo info = TRY(validate_member(parsed.identity(), leaf.signature_key, leaf.extensions));
  REQUIRE(info.entry_token.has_value(), kBadContent, "keys name a token for the welcome");
  return info;
}

void on_keys_wanted(Machine& m, Chat& chat, const AccountId& author, const Content& content) {
  const auto wanted = codec::decoded<KeysWanted>(content.body);
  if (!wanted || chat.record.kind != ChatKind::kDirect || author != chat.record.peer) return;
  const Chat* known = m.find_chat(wanted->group);
  if (known != nullptr && known->group && !may_be_out(m, *known)) return;
  size_t offers = 0;
  for (auto& [alias, invite] : m.invites) {
    if (invite.record.asker != author || invite.revoked) continue;
    ++offers;
    if (invite.record.group != wanted->group) continue;
    if (invite.record.published) offer_keys(m, invite.record);  // our answer may be lost
    return;
  }
  if (offers >= kOffersMax) return;
  add_offer(m, wanted->group, author);
}

void offer_keys(Machine& m, const InviteRecord& record) {
  KeysOffered offered;
  offered.group = record.group;
  offered.key = record.key.clone();
  for (const SecretBlob& one : record.key_packages) {
    const auto private_half = mls::KeyPackagePrivate::deserialize(one.value.reveal());
    if (!private_half) return m.stop({kProfileDamaged, "an invite holds its key packages"});
    offered.key_packages.push_back(private_half->encode_message());
  }
  for (auto& [id, chat] : m.chats) {
    if (chat.record.kind != ChatKind::kDirect || chat.record.peer != record.asker || !chat.group) continue;
    return queue_content(m, chat, ContentKind::kKeysOffered, codec::encoded(offered), &record.asker);
  }
}

void on_keys_offered(Machine& m, Chat& chat, const AccountId& author, const Content& content) {
  auto offered = codec::decoded<KeysOffered>(content.body);
  if (!offered || chat.record.kind != ChatKind::kDirect || author != chat.record.peer) return;
  Chat* group = m.find_chat(offered->group);
  if (group == nullptr || !group->group) return;
  auto package = package_for(*group, chat, author, *offered, m.wall());
  if (!package) return;
  for (auto& [number, intent] : group->intents) {
    if (intent.kind != IntentRecord::Kind::kAdd || intent.account != author || !intent.package.empty()) continue;
    intent.package = std::move(*package);
    intent.key = std::move(offered->key);
    m.journal.put(record_key(RecordKind::kIntent, group->record.chat.view(), number), intent);
    return m.touch(*group);
  }
}

Status join_group(Machine& m, const wire::Alias& alias, const Envelope& envelope) {
  const Invite& invite = m.invites.at(alias);
  auto body = TRY(codec::decoded<WelcomeBody>(envelope.body));
  const auto package = TRY(find_own_key_package(invite.record, body.welcome));
  Chat chat;
  mls::LeafIndex by;
  chat.group = TRY(mls::Group::join(mls::suites_default(), body.welcome, package, std::nullopt, m.wall(), {}, &by));
  ChatRecord& record = chat.record;
  REQUIRE(ChatId::from(chat.group->group_id(), record.chat) && record.chat != ChatId{}, kBadContent,
          "a group id has 16 bytes");
  REQUIRE(body.keys.base <= chat.group->epoch(), kBadContent, "a base epoch is over or begins");
  const auto peer = TRY(peer_in(m, invite, *chat.group));
  record.kind = peer ? ChatKind::kDirect : ChatKind::kGroup;
  record.peer = peer.value_or(AccountId{});
  record.inviter = record.ready = record.log_ready = record.log_wanted = true;
  record.own_alias = alias;
  record.log = {std::move(body.home), body.log, {std::move(body.log_key)}};
  const Chat* before = m.find_chat(record.chat);
  TRY(keep_told_moves(chat, before != nullptr && before->group ? before : nullptr, std::move(body.moves)));
  TRY(check_group(m, invite, *chat.group, chat));
  // Another device of ours has the address already; else it was made for this group, or to come back into it.
  const bool returns = is_return_alias(invite.record);
  record.address_ready = is_by_own_device(m, invite.record);
  if (!record.address_ready) record.entry_token = invite.record.token.clone();
  record.keys = std::move(body.keys);
  Former former;
  if (const Chat* known = m.find_chat(record.chat); known != nullptr && known->group) {
    record.came = may_be_out(m, *known) ? chat.group->epoch() : known->record.came;
    record.leaving = known->record.leaving;
    record.moved_ms = known->record.log.log == record.log.log ? known->record.moved_ms : m.wall().ms;
    record.parted_ms = known->record.log.log == record.log.log ? known->record.parted_ms : parted_at(m, *known);
  } else {
    record.came = chat.group->epoch();
    record.moved_ms = record.moves.empty() ? 0 : m.wall().ms;
    // Others may still be on their way here: what we say to an address that they had can come under a token that they do not know any more.
    record.parted_ms = record.moved_ms;
  }
  take_over_history(m, chat, former);
  come_back_to_deleted(m, chat);
  chat.talk.record.clock = std::max(chat.talk.record.clock, std::min(body.clock, kClockFirstMax));
  apply_offer(m, chat);
  sync_members(m, chat);
  take_over_members(m, chat, former);
  for (const Bytes& item : invite.record.early) {
    const uint64_t number = record.pending_next++;
    PendingRecord early{PendingRecord::Kind::kItem, {}, 0, item};
    m.journal.put(record_key(RecordKind::kPending, record.chat.view(), number), early);
    chat.pending.emplace(number, std::move(early));
  }
  const Coming coming = coming_of(m, chat, former, invite.record, by, body.clock);
  queue_content(m, chat, ContentKind::kHello, codec::encoded(Hello{}));
  say_again_since_parting(m, chat, nullptr);
  forget_invite(m, alias);
  const ChatId id = record.chat;
  // With our first commit the keys that helpers still have are good for nothing.
  record.refresh_wanted = returns;
  end_return(m, id);
  m.chat_of_alias[alias] = id;
  Chat& kept = m.chats.insert_or_assign(id, std::move(chat)).first->second;
  m.put(kept);
  m.put_group(kept);
  m.touch(kept);
  draw_own_first_commit(m, kept);
  load_scheduled(m, kept);
  take_settings_told_before(m, kept);
  note_coming(m, kept, coming);
  m.tell_then(ChatChanged{chat_info(m, kept)});
  take_pending(m, kept);
  return {};
}

}  // namespace godwit::engine
