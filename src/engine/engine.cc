#include "engine/engine.h"

#include <algorithm>

#include "engine/account.h"
#include "engine/backup.h"
#include "engine/blocks.h"
#include "engine/bulletins.h"
#include "engine/bundle.h"
#include "engine/call_rooms.h"
#include "engine/calls.h"
#include "engine/channel_marks.h"
#include "engine/channels.h"
#include "engine/chat_settings.h"
#include "engine/chat_setup.h"
#include "engine/commits.h"
#include "engine/contacts.h"
#include "engine/courier.h"
#include "engine/deleting.h"
#include "engine/devices.h"
#include "engine/doors.h"
#include "engine/downloads.h"
#include "engine/epochs.h"
#include "engine/group_calls.h"
#include "engine/groups.h"
#include "engine/history.h"
#include "engine/home_move.h"
#include "engine/inbox.h"
#include "engine/intents.h"
#include "engine/invites.h"
#include "engine/kept_chats.h"
#include "engine/known_devices.h"
#include "engine/lan.h"
#include "engine/linking.h"
#include "engine/machine.h"
#include "engine/log_move.h"
#include "engine/message_commands.h"
#include "engine/message_report.h"
#include "engine/names.h"
#include "engine/outbox.h"
#include "engine/own_addresses.h"
#include "engine/own_name.h"
#include "engine/receipts.h"
#include "engine/requests.h"
#include "engine/returning.h"
#include "engine/routing.h"
#include "engine/safety_number.h"
#include "engine/scheduled.h"
#include "engine/search.h"
#include "engine/speaking.h"
#include "engine/startup.h"
#include "engine/sticker_sharing.h"
#include "engine/stickers.h"
#include "engine/transfers.h"
#include "engine/typing.h"
#include "engine/uploads.h"
#include "engine/vanishing.h"

namespace godwit::engine {

// Dispatches, and nothing else: what a command or an event means stands in the file of its family.
class Engine::State {
 public:
  State(StorageKey key, Options options, Random& random) : m(std::move(key), options, random) {}

  void take(CommandId id, Command command) {
    if (m.broken) return m.fail(id, *m.broken);
    if (!m.loaded) return m.early_commands.emplace_back(id, std::move(command)), void();
    std::visit(
        [&](const auto& one) {
          if (names_deleted_chat(m, one)) return m.fail(id, {kNoSuchChat, "a chat of this device"});
          on_command(id, one);
        },
        command);
  }
  void on_command(CommandId id, const NewAccount& command) { new_account(m, id, command); }
  void on_command(CommandId id, const MakeInvite&) { make_invite(m, id); }
  void on_command(CommandId id, const ListInvites&) { list_invites(m, id); }
  void on_command(CommandId id, const RevokeInvite& command) { revoke_invite(m, id, command); }
  void on_command(CommandId id, const RenameAccount& command) { rename_account(m, id, command); }
  void on_command(CommandId id, const AddContact& command) { add_contact(m, id, command); }
  void on_command(CommandId id, const SendText& command) { send_text(m, id, command); }
  void on_command(CommandId id, const ListChats& command) { list_chats(m, id, command); }
  void on_command(CommandId id, const DeleteChat& command) { delete_chat(m, id, command); }
  void on_command(CommandId id, const ReadHistory& command) { read_history(m, id, command); }
  void on_command(CommandId id, const MarkRead& command) { mark_read(m, id, command); }
  void on_command(CommandId id, const RefreshKeys& command) { refresh_keys(m, id, command); }
  void on_command(CommandId id, const ReadSafetyNumber& command) { read_safety_number(m, id, command); }
  void on_command(CommandId id, const MarkVerified& command) { mark_verified(m, id, command); }
  void on_command(CommandId id, const AcknowledgeDevices& command) { acknowledge_devices(m, id, command); }
  void on_command(CommandId id, const ReadAccount&) { read_account(m, id); }
  void on_command(CommandId id, const WriteBundle& command) { write_bundle(m, id, command); }
  void on_command(CommandId id, const ReadBundle& command) { read_bundle(m, id, command); }
  void on_command(CommandId id, const ListRoutes&) { list_routes(m, id); }
  void on_command(CommandId id, const AddRoute& command) { add_route(m, id, command); }
  void on_command(CommandId id, const RemoveRoute& command) { remove_route(m, id, command); }
  void on_command(CommandId id, const SetLan& command) { set_lan(m, id, command); }
  void on_command(CommandId id, const ReadLan&) { read_lan(m, id); }
  void on_command(CommandId id, const SetWebPush& command) { set_web_push(m, id, command); }
  void on_command(CommandId id, const ReadWebPush&) { read_web_push(m, id); }

  void on_command(CommandId id, const StartGroupCall& command) { start_group_call(m, id, command); }
  void on_command(CommandId id, const JoinGroupCall& command) { join_group_call(m, id, command); }
  void on_command(CommandId id, const IgnoreGroupCall& command) { ignore_group_call(m, id, command); }
  void on_command(CommandId id, const StartCall& command) { start_call(m, id, command); }
  void on_command(CommandId id, const AcceptCall& command) { accept_call(m, id, command); }
  void on_command(CommandId id, const TakeOverCall& command) { take_over_call(m, id, command); }
  void on_command(CommandId id, const DeclineCall& command) { decline_call(m, id, command); }
  void on_command(CommandId id, const EndCall& command) { end_call(m, id, command); }
  void on_command(CommandId id, const HoldCall& command) { hold_call(m, id, command); }
  void on_command(CommandId id, const SendCallSignal& command) { send_call_signal(m, id, command); }
  void on_command(CommandId id, const SayCallMedia& command) { say_call_media(m, id, command); }
  void on_command(CommandId id, const ReadCalls& command) { read_calls(m, id, command); }
  void on_command(CommandId id, const ReadCallRelays&) { read_call_relays(m, id); }
  void on_command(CommandId id, const OpenCallRoom& command) { open_call_room(m, id, command); }
  void on_command(CommandId id, const AskCallRoom& command) { ask_call_room(m, id, command); }

  void on_command(CommandId id, const NewGroup& command) { new_group(m, id, command); }
  void on_command(CommandId id, const OpenSaved&) { open_saved(m, id); }
  void on_command(CommandId id, const ListMembers& command) { list_members(m, id, command); }
  void on_command(CommandId id, const AddMembers& command) { add_members(m, id, command); }
  void on_command(CommandId id, const RemoveMember& command) { remove_member(m, id, command); }
  void on_command(CommandId id, const LeaveGroup& command) { leave_group(m, id, command); }
  void on_command(CommandId id, const SetRole& command) { set_role(m, id, command); }
  void on_command(CommandId id, const RenameGroup& command) { rename_group(m, id, command); }
  void on_command(CommandId id, const SetGroupSettings& command) { set_group_settings(m, id, command); }
  void on_command(CommandId id, const MakeGroupLink& command) { make_group_link(m, id, command); }
  void on_command(CommandId id, const ListGroupLinks& command) { list_group_links(m, id, command); }
  void on_command(CommandId id, const MoveLog& command) { move_log(m, id, command); }
  void on_command(CommandId id, const RevokeGroupLink& command) { revoke_group_link(m, id, command); }
  void on_command(CommandId id, const JoinGroup& command) { join_by_link(m, id, command); }
  void on_command(CommandId id, const ListJoinRequests& command) { list_join_requests(m, id, command); }
  void on_command(CommandId id, const ApproveJoin& command) { approve_join(m, id, command); }
  void on_command(CommandId id, const RefuseJoin& command) { refuse_join(m, id, command); }

  void on_command(CommandId id, const SendMessage& command) { send_message(m, id, command); }
  void on_command(CommandId id, const ReadMessage& command) { read_message(m, id, command); }
  void on_command(CommandId id, const EditMessage& command) { edit_message(m, id, command); }
  void on_command(CommandId id, const ReadEdits& command) { read_edits(m, id, command); }
  void on_command(CommandId id, const DeleteMessage& command) { delete_message(m, id, command); }
  void on_command(CommandId id, const React& command) { react(m, id, command); }
  void on_command(CommandId id, const SendTyping& command) { send_typing(m, id, command); }
  void on_command(CommandId id, const SendLocation& command) { send_location(m, id, command); }
  void on_command(CommandId id, const SendContact& command) { send_contact(m, id, command); }
  void on_command(CommandId id, const SendPoll& command) { send_poll(m, id, command); }
  void on_command(CommandId id, const Vote& command) { vote(m, id, command); }
  void on_command(CommandId id, const ClosePoll& command) { close_poll(m, id, command); }
  void on_command(CommandId id, const PinMessage& command) { pin_message(m, id, command); }
  void on_command(CommandId id, const ListPinned& command) { list_pinned(m, id, command); }
  void on_command(CommandId id, const SetDisappearing& command) { set_disappearing(m, id, command); }
  void on_command(CommandId id, const ForwardMessage& command) { forward_message(m, id, command); }
  void on_command(CommandId id, const SetChat& command) { set_chat(m, id, command); }
  void on_command(CommandId id, const ReadReceipts& command) { read_receipts(m, id, command); }
  void on_command(CommandId id, const ReportMessage& command) { report_message(m, id, command); }
  void on_command(CommandId id, const ScheduleMessage& command) { schedule_message(m, id, command); }
  void on_command(CommandId id, const ListScheduled& command) { list_scheduled(m, id, command); }
  void on_command(CommandId id, const CancelScheduled& command) { cancel_scheduled(m, id, command); }
  void on_command(CommandId id, const SetPrivacy& command) { set_privacy(m, id, command); }
  void on_command(CommandId id, const ReadPrivacy&) { read_privacy(m, id); }

  void on_command(CommandId id, const SendFile& command) { send_file(m, id, command); }
  void on_command(CommandId id, const GetFile& command) { get_file(m, id, command); }
  void on_command(CommandId id, const PauseFile& command) { pause_file(m, id, command); }

  void on_command(CommandId id, const NewStickerPack& command) { new_sticker_pack(m, id, command); }
  void on_command(CommandId id, const AddStickerPack& command) { add_sticker_pack(m, id, command); }
  void on_command(CommandId id, const ListStickerPacks&) { list_sticker_packs(m, id); }
  void on_command(CommandId id, const ReadSticker& command) { read_sticker(m, id, command); }
  void on_command(CommandId id, const RemoveStickerPack& command) { remove_sticker_pack(m, id, command); }
  void on_command(CommandId id, const SendSticker& command) { send_sticker(m, id, command); }
  void on_command(CommandId id, const ShareStickerPack& command) { share_sticker_pack(m, id, command); }

  void on_event(FileRead& event) { on_file_read(m, event); }
  void on_event(FileWritten& event) { on_file_written(m, event); }
  void on_command(CommandId id, const TakeBulletin& command) { take_bulletin_text(m, id, command); }
  void on_command(CommandId id, const ShareBulletin&) { share_bulletin(m, id); }
  void on_command(CommandId id, const FindPage&) { find_page(m, id); }
  void on_command(CommandId id, const MakeHomeLink&) { make_home_link(m, id); }
  void on_command(CommandId id, const SetMail& command) { set_mail(m, id, command); }
  void on_command(CommandId id, const ReadMail&) { read_mail(m, id); }
  void on_command(CommandId id, const ImportMessages& command) { import_messages(m, id, command); }
  void on_command(CommandId id, const SearchMessages& command) { search_messages(m, id, command); }

  void on_command(CommandId id, const ClaimName& command) { claim_name(m, id, command); }
  void on_command(CommandId id, const ReleaseName&) { release_name(m, id); }
  void on_command(CommandId id, const ReadName&) { read_name(m, id); }
  void on_command(CommandId id, const ResolveName& command) { resolve_name(m, id, command); }
  void on_command(CommandId id, const SendContactRequest& command) { send_contact_request(m, id, command); }
  void on_command(CommandId id, const MakeOpenInvite& command) { make_open_invite(m, id, command); }
  void on_command(CommandId id, const ListOpenInvites&) { list_open_invites(m, id); }
  void on_command(CommandId id, const RevokeOpenInvite& command) { revoke_open_invite(m, id, command); }
  void on_command(CommandId id, const ListContactRequests&) { list_contact_requests(m, id); }
  void on_command(CommandId id, const OpenContactRequest& command) { open_contact_request(m, id, command); }
  void on_command(CommandId id, const AcceptContactRequest& command) { accept_contact_request(m, id, command); }
  void on_command(CommandId id, const DeclineContactRequest& command) { decline_contact_request(m, id, command); }
  void on_command(CommandId id, const DeclineContactRequests&) { decline_contact_requests(m, id); }
  void on_command(CommandId id, const BlockAccount& command) { block_account(m, id, command); }
  void on_command(CommandId id, const UnblockAccount& command) { unblock_account(m, id, command); }
  void on_command(CommandId id, const ListBlocked&) { list_blocked(m, id); }
  void on_command(CommandId id, const NewChannel& command) { new_channel(m, id, command); }
  void on_command(CommandId id, const DescribeChannel& command) { describe_channel(m, id, command); }
  void on_command(CommandId id, const SetDiscussion& command) { set_discussion(m, id, command); }
  void on_command(CommandId id, const EndChannel& command) { end_channel(m, id, command); }
  void on_command(CommandId id, const Post& command) { post(m, id, command); }
  void on_command(CommandId id, const EditPost& command) { edit_post(m, id, command); }
  void on_command(CommandId id, const DeletePost& command) { delete_post(m, id, command); }
  void on_command(CommandId id, const ListChannels&) { list_channels(m, id); }
  void on_command(CommandId id, const FollowChannel& command) { follow_channel(m, id, command); }
  void on_command(CommandId id, const UnfollowChannel& command) { unfollow_channel(m, id, command); }
  void on_command(CommandId id, const ReadChannel& command) { read_channel(m, id, command); }
  void on_command(CommandId id, const ReportPost& command) { report_post(m, id, command); }
  void on_command(CommandId id, const MarkChannelRead& command) { mark_channel_read(m, id, command); }
  void on_command(CommandId id, const SetChannel& command) { set_channel(m, id, command); }
  void on_command(CommandId id, const CheckReport& command) { check_report(m, id, command); }

  void on_command(CommandId id, const StartLinking& command) { start_linking(m, id, command); }
  void on_command(CommandId id, const ConfirmLinking& command) { confirm_linking(m, id, command); }
  void on_command(CommandId id, const LinkDevice& command) { link_device(m, id, command); }
  void on_command(CommandId id, const ListDevices&) { list_devices(m, id); }
  void on_command(CommandId id, const RenameDevice& command) { rename_device(m, id, command); }
  void on_command(CommandId id, const RemoveDevice& command) { remove_device(m, id, command); }
  void on_command(CommandId id, const RecoverAccount& command) { recover_account(m, id, command); }
  void on_command(CommandId id, const MoveAccount& command) { move_account(m, id, command); }

  void on_event(LanOpened& event) { on_lan_opened(m, event); }
  void on_event(LanBytes& event) { on_lan_bytes(m, event); }
  void on_event(LanClosed& event) { on_lan_closed(m, event); }
  void on_event(PipeOpened& event) {
    for_each_link([&](Link& link) { link.pipe_opened(event.pipe); });
  }
  void on_event(PipeBytes& event) {
    for_each_link([&](Link& link) { link.pipe_bytes(event.pipe, event.bytes); });
  }
  void on_event(PipeClosed& event) {
    for_each_link([&](Link& link) { link.pipe_closed(event.pipe, event.error); });
  }
  void on_event(AddressWorked& event) { on_address_worked(m, event); }
  void on_event(NetworkChanged& event) { on_network_changed(m, event); }
  void on_event(TextFetched& event) { on_text_fetched(m, event); }
  void on_event(LetterSent& event) { on_letter_sent(m, event); }
  void on_event(LetterFailed& event) { on_letter_failed(m, event); }
  void on_event(LetterCame& event) { on_letter_came(m, event); }
  void on_event(BatchStored& event) {
    m.told_store = false;
    m.journal.stored(event.batch);
  }
  void on_event(BatchFailed& event) {
    if (event.error.code.action == Action::kStop) return m.stop(event.error);
    if (!std::exchange(m.told_store, true)) m.tell(Trouble{event.error});
    m.journal.failed(event.batch, m.now);
  }
  void on_event(RecordsLoaded& event) {
    auto node = m.loads.extract(event.load);
    if (node.empty()) return;
    std::vector<LoadedRecord> records;
    for (auto& [key, sealed] : event.records) {
      auto value = key.empty() ? Result<crypto::SecretBuffer>(Error{kProfileDamaged, "a record has a key"})
                               : open_record(m.storage_key, key, sealed);
      if (!value) return m.stop(value.error());
      records.push_back({std::move(key), std::move(*value)});
    }
    node.mapped()(std::move(records));
  }

  void on_loaded() {
    m.loaded = true;
    if (m.has_account()) m.mailbox();
    resume_calls(m);
    for (auto& [id, command] : std::exchange(m.early_commands, {})) take(id, std::move(command));
  }

  // Does everything there is to do now, until only the host, the network or the time can bring more.
  void run() {
    m.dead_links.clear();
    if (!m.loaded) return;
    do {
      if (m.broken) return;
      if (m.queue.fetch_at <= m.now) {
        m.queue.fetch_at = kNever;
        fetch(m);
      }
      m.wake = kNever;
      pump_home_move(m, m.wake);
      pump_own_addresses(m, m.wake);
      pump_invites(m, m.wake);
      pump_takings(m, m.wake);
      pump_names(m, m.wake);
      pump_requests(m, m.wake);
      pump_doors(m, m.wake);
      pump_returns(m, m.wake);
      pump_blocks(m, m.wake);
      pump_channels(m, m.wake);
      pump_deletions(m, m.wake);
      pump_stickers(m);
      pump_devices(m, m.wake);
      pump_web_push(m, m.wake);
      pump_calls(m, m.wake);
      while (!m.dirty.empty()) pump_chat(m.chats.at(m.dirty.extract(m.dirty.begin()).value()));
      pump_bulletins(m, m.wake);
      pump_courier(m, m.wake);
      pump_errands(m, m.wake);
      pump_lan(m, m.wake);
      pump_search(m, m.wake);
      keep_route_memory(m);
      if (auto batch = m.journal.flush()) m.effects.push_back(std::move(*batch));
      pump_links();
      tell_full_homes(m, m.wake);
    } while (!m.dirty.empty() || m.journal.can_flush());
  }

  // Those that have waited longest for a small exchange first, so that a long transfer of one does not hold up the others.
  void pump_links() {
    std::vector<std::pair<uint64_t, LinkKey>> order;
    order.reserve(m.link_of.size());
    for (const auto& [key, link] : m.link_of) order.emplace_back(link->last_exchange(), key);
    if (!std::ranges::is_sorted(order)) std::ranges::sort(order);
    for (const auto& [turn, key] : order) {
      const auto found = m.link_of.find(key);
      if (found != m.link_of.end()) found->second->pump();
    }
  }

  void pump_chat(Chat& chat) {
    chat.wake = kNever;
    if (chat.sweep_at <= m.now) {
      chat.sweep_at = kNever;
      sweep_messages(m, chat);
      sweep_past_epochs(m, chat);
    }
    if (chat.group) pump_address_move(m, chat);
    if (chat.group) pump_setup(m, chat);
    pump_vanishing(m, chat);
    if (chat.group) pump_scheduled(m, chat);
    if (chat.group) pump_leaving(m, chat);
    pump_own_name(m, chat);
    if (chat.group) pump_commits(m, chat);
    if (chat.group) pump_moves(m, chat);
    if (chat.group) pump_owed(m, chat);
    pump_transfers(m, chat.record.chat, chat, chat.wake);
    if (chat.group) pump_share(m, chat);
    if (chat.group || chat.record.membership != Membership::kActive) pump_outbox(m, chat);
    chat.wake = std::min(chat.wake, chat.sweep_at);
  }

  Instant next_deadline() const {
    if (m.broken || !m.loaded) return kNever;
    Instant at = std::min({m.journal.retry_at(), m.wake, m.queue.fetch_at, route_memory_due(m)});
    for (const auto& [id, chat] : m.chats) at = std::min(at, chat.wake);
    for (const auto& [key, link] : m.link_of) at = std::min(at, link->deadline());
    return at;
  }

  void expire() {
    m.journal.expire(m.now);
    for (const auto& [id, chat] : m.chats) {
      if (chat.wake <= m.now) m.touch(chat);
    }
  }

  bool idle() const {
    if (m.broken) return true;
    if (!m.loaded || !m.journal.idle() || m.being_made) return false;
    // Strangers who come in by themselves may take as long as they like.
    for (const auto& [alias, taking] : m.being_taken) {
      if (taking.command != kNobodysCommand) return false;
    }
    if (!names_idle(m) || !channels_idle(m) || !doors_idle(m)) return false;
    if (!devices_idle(m) || !deletions_idle(m) || !home_move_idle(m) || !web_push_idle(m)) return false;
    if (!calls_idle(m)) return false;
    for (const auto& [alias, invite] : m.invites) {
      if (invite.command || invite.taken_back) return false;
    }
    for (const auto& [id, chat] : m.chats) {
      const ChatRecord& record = chat.record;
      const bool wanted = record.refresh_wanted || chat.staged || has_ready_intents(chat);
      const bool commits = wanted && chat.blocked_until <= m.now;
      if (!std::ranges::all_of(chat.uploads, [](const auto& entry) { return entry.second.paused; })) return false;
      if (!chat.downloads.empty()) return false;
      if (!chat.group) continue;
      const bool address_wanted = (!record.address_ready || record.token_wanted) && !is_cut_off(m, chat);
      if (address_wanted || !record.log_ready || commits) return false;
      // What waits until its owner answers for new devices is nothing to wait for.
      const bool held = is_held_back(m, chat);
      if (std::ranges::any_of(chat.outbox, [&](const auto& item) { return !is_held(item.second, held); })) return false;
      if (!std::ranges::all_of(record.owed, [](const OwedRecord& owed) { return owed.empty(); })) return false;
    }
    return true;
  }

  Machine m;

 private:
  // Links may come and go while they are called, also the next one.
  template <typename Call>
  void for_each_link(const Call& call) {
    for (auto it = m.link_of.begin(); it != m.link_of.end();) {
      const LinkKey key = it->first;
      call(*it->second);
      it = m.link_of.upper_bound(key);
    }
  }
};

Engine::Engine(StorageKey key, Options options, Random& random)
    : state_(std::make_unique<State>(std::move(key), options, random)) {}
Engine::~Engine() = default;

void Engine::start(Instant now) {
  state_->m.set_time(now);
  load_profile(state_->m, [state = state_.get()] { state->on_loaded(); });
}

void Engine::handle_command(CommandId id, Command command, Instant now) {
  state_->m.set_time(now);
  state_->take(id, std::move(command));
  state_->run();
}

void Engine::handle_event(Event event, Instant now) {
  state_->m.set_time(now);
  if (state_->m.broken) return;
  std::visit([this](auto& one) { state_->on_event(one); }, event);
  state_->run();
}

std::optional<Effect> Engine::next_effect() {
  auto& effects = state_->m.effects;
  if (effects.empty()) return std::nullopt;
  Effect effect = std::move(effects.front());
  effects.pop_front();
  return effect;
}

Instant Engine::next_deadline() const {
  const Instant at = state_->next_deadline();
  return at == kNever ? kNever : at - state_->m.shift;
}

void Engine::handle_expiry(Instant now) {
  state_->m.set_time(now);
  if (state_->m.broken) return;
  state_->expire();
  state_->run();
}

bool Engine::idle() const { return state_->idle(); }

void Engine::carry_calls() { state_->m.calls_carried = true; }

std::optional<HomeWay> Engine::way_home() const {
  return state_->m.has_account() ? state_->m.mailbox().way() : std::nullopt;
}

const Counters& Engine::counters() const { return state_->m.counters; }

}  // namespace godwit::engine
