#pragma once
// What a home does with requests: the inside of Home, below pipes and sessions. Pure; everything that waits, waits for the
// store. One file of this class per family of requests: mailbox.cc, address.cc, deliver.cc, self_deliver.cc, fetch.cc,
// key_packages.cc, group_log.cc, blob.cc, names.cc, channel.cc, sealed.cc, forward.cc, web_push.cc; and tickets.cc, sweep.cc for what it does by itself.
//
// Two requests of one session may be done in any order, but for the first, which settles the session's kind.

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "base/random.h"
#include "home/address_counts.h"
#include "home/bulletin.h"
#include "home/call_relay.h"
#include "home/counters.h"
#include "home/keys.h"
#include "home/lanes.h"
#include "home/meetings.h"
#include "home/options.h"
#include "home/rate.h"
#include "home/records.h"
#include "home/removal.h"
#include "home/spent_work.h"
#include "home/storing.h"
#include "home/task.h"
#include "home/transfers.h"
#include "home/usage.h"
#include "home/web_pushes.h"
#include "session/sealed_request.h"
#include "session/ticket.h"
#include "wire/replies.h"

namespace godwit::home {

/// Numbers a session; chosen by the owner of the core, never reused.
using SessionId = StrongNumber<struct HomeSessionIdTag, uint64_t>;

struct GrantedBlob;  // blob_grant.h

/// The id of the channel that this key signs.
wire::ChannelId channel_id(const wire::ChannelKey& key);

/// What a coroutine waits for that is not the store's.
struct Awaited {
  std::optional<Result<Bytes>> result;
  std::coroutine_handle<> waiting;
};

/// What the core asks of the sessions. Every call may come from inside any call to the core. Unknown sessions (their pipe
/// is gone) are ignored.
class Sessions {
 public:
  virtual ~Sessions() = default;
  /// Answers a request, once, with an encoded wire::Reply.
  virtual void reply(SessionId session, session::StreamId stream, Bytes reply) = 0;
  /// Sends an encoded wire::Items, if no more than `waiting_max` bytes wait for the client already. False: it is slow,
  /// nothing was taken; Core::push_possible() follows when less waits.
  virtual bool push(SessionId session, Bytes items, size_t waiting_max) = 0;
  /// What came of push_spare().
  enum class Spare : uint8_t {
    kTaken,
    kSlow,  ///< This client reads too slowly, or is gone: Core::push_possible() follows when less waits.
    kFull,  ///< Half of what may wait for all clients waits already: nobody gets any of these now.
  };
  /// Sends an encoded wire::ChannelEntries that the client can ask for as well: never at the cost of others.
  virtual Spare push_spare(SessionId session, const Bytes& entries, size_t waiting_max) = 0;
  /// Makes it the session of a mailbox; `binding` comes back with its tickets. False: too late for that.
  virtual bool bind(SessionId session, Bytes binding) = 0;
  /// Refuses a request below the level of wire/ (session::kNotInFirstFlight).
  virtual void refuse(SessionId session, session::StreamId stream, ErrorCode code) = 0;
  /// Ends the session after what was handed over.
  virtual void close(SessionId session) = 0;
  /// Answers take_ticket().
  virtual void provide_ticket(SessionId session, std::optional<session::TicketRecord> record) = 0;
  /// Answers sealed_arrived(), once: the sealed reply. kSealedRefused: none is due, and none will be; other errors of wire/:
  /// nothing was done, it may come again.
  virtual void answer_sealed(SealedArrivalId arrival, Result<Bytes> reply) = 0;
  /// Passes a sealed request on to another home; answered by Core::forwarded().
  virtual void forward(ForwardId forward, wire::HomeAddress home, Bytes sealed) = 0;
  /// Tells a browser's push service that something waits; answered by Core::web_pushed().
  virtual void send_web_push(WebPushId push, wire::WebPushSubscription subscription) = 0;
};

/// The core.
class Core {
 public:
  /// All references must outlive the core.
  Core(const Keys& keys, const Options& options, store::HomeStore& store, Random& random, Sessions& sessions);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  /// First call: looks at the store's layout, takes up self-deliveries, counts mailboxes, group logs and tickets.
  void start(Instant now);
  /// A session stands. `binding`: of a resumed mailbox session, what bind() was given; empty for others.
  void session_opened(SessionId session, const session::ChannelBinding& channel, ByteView binding, bool resumed,
                      Instant now);
  /// A request came. `first_flight`: it can be replayed.
  void handle_request(SessionId session, session::StreamId stream, ByteView request, bool first_flight, Instant now);
  /// The session is over. What it asked for is finished all the same.
  void session_closed(SessionId session, Instant now);
  /// A session that refused a push would take one now. Unknown sessions are ignored.
  void push_possible(SessionId session, Instant now);
  /// Takes a ticket out of the store; answered by Sessions::provide_ticket.
  void take_ticket(SessionId session, const session::TicketId& ticket, Instant now);
  /// Keeps a ticket.
  void keep_ticket(const session::TicketRecord& record, Instant now);
  /// What bulletins say from now on; before the first call they name no routes.
  void set_bulletin(BulletinPlan plan);
  /// What wire::TurnGet is answered with from now on; none, as before the first call: this home relays no calls.
  void set_call_relay(std::optional<CallRelayPlan> plan);
  /// The same of wire::CallRoomOpen and CallRoomAsk: this home's forwarding unit.
  void set_call_unit(std::optional<CallUnitPlan> plan);
  /// What came of CallUnitPlan::ask. Unknown numbers are ignored.
  void unit_answered(UnitAskId ask, Result<wire::CallRoomSaid> said, Instant now);
  /// A sealed request came by mail, in a file, or whatever carries one; answered by Sessions::answer_sealed.
  void sealed_arrived(SealedArrivalId arrival, Bytes sealed, Instant now);
  /// What came of Sessions::forward. Unknown numbers (the wait is over) are ignored.
  void forwarded(ForwardId forward, Result<Bytes> reply, Instant now);
  /// The public half of the key by which push services know this home, none: it sends no pushes; none before the first call.
  void set_web_push_key(std::optional<wire::WebPushKey> key);
  /// What came of Sessions::send_web_push. Unknown numbers (the wait is over) are ignored.
  void web_pushed(WebPushId push, const WebPushResult& result, Instant now);
  /// The operator takes something away; nobody can read it once `removal` has its outcome.
  void remove(std::shared_ptr<Removal> removal, Instant now);
  /// The store's poll() was, or is to be, called: does it.
  void store_ready(Instant now);
  /// When handle_expiry wants to be called.
  Instant next_deadline() const;
  /// Does what is due.
  void handle_expiry(Instant now);
  /// The next `now` is by so much earlier than the last one: what is waited for is waited for no longer than before. What stands with an
  /// end in the store ends when the clock comes to it.
  void clock_went_back(Duration by);
  /// True if nothing is under way but what the home does by itself.
  bool idle() const { return tasks_.size() == 0; }
  /// Why the home has to stop, if it has.
  std::optional<Error> must_stop() const { return storing_.damage() ? storing_.damage() : stop_; }
  /// Why the store does not do what it is asked, while it does not; it is tried again until it does.
  const std::optional<Error>& trouble() const { return trouble_; }
  /// What happened so far.
  const Counters& counters() const { return counters_; }
  /// The same, for whoever carries the pipes to count what it sees.
  Counters& counting() { return counters_; }
  /// How much there is now, as far as the core knows.
  Gauges gauges() const;

 private:
  using Answer = Task<Result<wire::Reply>>;

  enum class Kind : uint8_t { kUnsettled, kProving, kAnonymous, kMailbox };
  struct Held {
    session::StreamId stream;
    wire::Request request;
  };
  // What is pushed to a session, and how far the client has acknowledged it.
  struct Live {
    uint64_t cursor = 0;  // the last sequence that was given
    bool pumping = false;
    bool again = false;    // something arrived while pumping
    bool blocked = false;  // the session took no more: until push_possible()
    uint64_t unacknowledged = 0;
    std::list<std::pair<uint64_t, size_t>> pushed;  // sequence and size, oldest first
  };
  struct SessionState {
    session::ChannelBinding channel{};
    Kind kind = Kind::kUnsettled;
    DeviceBinding device;  // of kMailbox
    bool sealed = false;   // no session, but the requests of one sealed request
    uint32_t in_flight = 0;
    std::list<Held> held;  // until the kind is settled
    std::optional<Live> live;
    std::set<wire::ChannelId> followed;
    std::set<wire::ChannelId> behind;  // of these, the ones that it was too slow for
  };
  // Who follows a channel now, and what is on its way to all of them.
  struct Following {
    uint64_t next = 0;
    std::set<SessionId> sessions;
    std::deque<Bytes> pushes;       // encoded, oldest first
    std::optional<SessionId> last;  // who got the first of them last
  };
  // A sealed request that another home is asked to answer.
  struct Passing {
    SessionId session;
    wire::HomeKey home;
    Instant deadline;
    std::shared_ptr<Awaited> reply;
  };
  // A seat's wish on its way to the unit.
  struct AwaitedUnit {
    std::optional<Result<wire::CallRoomSaid>> result;
    std::coroutine_handle<> waiting;
  };
  struct UnitAsk {
    SessionId session;
    std::shared_ptr<AwaitedUnit> awaited;
  };
  // A push on its way.
  struct WebPushOut {
    Bytes queue;
    Bytes record;  // as it stood
    Instant deadline;
  };
  // Who asks; a copy, since the session may end meanwhile.
  struct Caller {
    SessionId session;
    session::ChannelBinding channel{};
    DeviceBinding device;
  };
  // Where a transfer of parts is kept, and who began it.
  struct TransferPlace {
    Transfers& transfers;
    Transfers::Name name;
    Bytes beginner;
  };
  // An address that was shown its token.
  struct Allowed {
    wire::MailboxId mailbox;
    bool old_token = false;
    bool strangers = false;
  };
  // A self-delivery that waits: a record, by its name; or, with a ttl of 0, here in memory only.
  struct SelfDeliveryTimer {
    std::optional<ShortHash> name;
    wire::MailboxId mailbox;
    DeviceTag from;
    Bytes payload;
  };

  // ---- core.cc: sessions and dispatch
  void begin_request(SessionId id, session::StreamId stream, wire::Request request);
  Task<Status> serve(SessionId id, session::StreamId stream, wire::Request request);
  void finish(SessionId id, session::StreamId stream, size_t kind, const wire::Reply& reply);
  void count(size_t kind, const wire::Reply& reply);
  void settle_kind(SessionId id);
  void run();
  wire::Reply refused(const Error& error);
  static bool may_ask(const wire::Request& request, bool mailbox);
  Task<Result<MailboxRecord>> own_mailbox(const Caller& caller);
  Task<Status> take_stock();
  Task<Status> check_store();
  void count_record(char kind, ByteView value);
  void watch_store();
  Task<Status> probe_store();

  // ---- mailbox.cc
  Answer handle(const Caller& caller, const wire::MailboxOpen& request);
  Answer handle(const Caller& caller, const wire::MailboxProve& request);
  Answer handle(const Caller& caller, const wire::DeviceAdd& request);
  Answer handle(const Caller& caller, const wire::DeviceRemove& request);
  Answer handle(const Caller& caller, const wire::DeviceList& request);
  Answer handle(const Caller& caller, const wire::MailboxDrop& request);
  Task<Status> admit(const wire::MailboxOpen& request);
  Task<Status> spend_code(const wire::MailboxOpen& request);
  Task<Status> release_code(const wire::MailboxOpen& request);
  Task<Status> note_newcomer(const wire::MailboxOpen& request);
  Status check_proof(const Caller& caller, const wire::MailboxId& mailbox, const wire::MailboxKey& key,
                     ByteView signature) const;
  Task<Status> see_today(wire::MailboxId mailbox);
  Task<Status> finish_leaving(wire::MailboxId mailbox);
  void close_sessions_of(const wire::MailboxId& mailbox, const DeviceTag& tag, SessionId but);
  Task<Status> replace_mailbox(wire::MailboxId mailbox, const MailboxRecord& before, const MailboxRecord& after);
  uint8_t mailbox_work() const;
  Status bind_session(const Caller& caller, const DeviceBinding& device);

  // ---- devices.cc
  Answer handle(const Caller& caller, const wire::MeetingOpen& request);
  Answer handle(const Caller& caller, const wire::MeetingPut& request);
  Answer handle(const Caller& caller, const wire::MeetingGet& request);
  Answer handle(const Caller& caller, const wire::MailboxRecover& request);
  Answer handle(const Caller& caller, const wire::BackupPut& request);
  Answer handle(const Caller& caller, const wire::BackupGet& request);
  Status check_recovery(const Caller& caller, const wire::MailboxRecover& request) const;

  // ---- address.cc
  Answer handle(const Caller& caller, const wire::AddressCreate& request);
  Answer handle(const Caller& caller, const wire::AddressToken& request);
  Answer handle(const Caller& caller, const wire::AddressRevoke& request);
  Answer handle(const Caller& caller, const wire::AddressList& request);
  Task<Result<Allowed>> check_address(const wire::Alias& alias, const wire::Token& token);
  Task<Result<AddressRecord>> own_address(const Caller& caller, const wire::Alias& alias);
  Task<Status> erase_address(wire::MailboxId mailbox, wire::Alias alias);
  Task<Status> count_addresses(wire::MailboxId mailbox, bool strangers);
  Task<Status> count_stranger_addresses(wire::MailboxId mailbox);
  Status check_address_limits(const wire::MailboxId& mailbox, const wire::AddressCreate& request) const;
  Task<Result<std::vector<wire::Alias>>> aliases_of(wire::MailboxId mailbox);

  // ---- deliver.cc
  Answer handle(const Caller& caller, const wire::Deliver& request);
  Answer handle(const Caller& caller, const wire::DeliverMany& request);
  Task<Status> deliver_one(const wire::Recipient& recipient, uint32_t ttl_seconds, const Bytes& payload);
  Task<Result<bool>> deliver_durably(const MailboxRecord& mailbox, const Allowed& allowed,
                                     const wire::Recipient& recipient, uint32_t ttl_seconds, const Bytes& payload);
  Status deliver_now(const MailboxRecord& mailbox, const Allowed& allowed, const wire::Recipient& recipient,
                     const Bytes& payload);
  Task<Result<bool>> append_item(Bytes queue, wire::DeliveryId delivery, wire::Alias alias, Bytes sealed, Hour expires);
  Task<Status> count_queue(Bytes queue, bool anew);
  Status check_quota(const Bytes& queue, const wire::Alias& alias, size_t size, const Allowed& allowed) const;
  Task<Status> make_sure_of_room(Bytes queue, wire::Alias alias, size_t size, Allowed allowed);

  // ---- self_deliver.cc
  Answer handle(const Caller& caller, const wire::SelfDeliver& request);
  void schedule(SelfDeliveryTimer timer);
  Task<Status> run_self_delivery(ShortHash name, wire::MailboxId mailbox);
  Task<Status> run_fleeting(SelfDeliveryTimer delivery);
  Task<Status> take_up_self_deliveries();

  // ---- fetch.cc
  Answer handle(const Caller& caller, const wire::Fetch& request);
  Answer handle(const Caller& caller, const wire::Acknowledge& request);
  void arrived(const Bytes& queue, uint64_t sequence, const wire::Alias& alias, Bytes sealed);
  bool push_to(SessionId id, SessionState& state, const wire::Items& items);
  bool push_fleeting(const Bytes& queue, const wire::Item& item);
  void start_pump(SessionId id);
  Task<Status> pump(SessionId id);

  // ---- key_packages.cc
  Answer handle(const Caller& caller, const wire::KeyPackagePublish& request);
  Answer handle(const Caller& caller, const wire::KeyPackageTake& request);
  Answer handle(const Caller& caller, const wire::KeyPackageCount& request);
  Task<Status> erase_pool(wire::Alias alias);
  Task<Status> tidy_pool(wire::Alias alias);
  Task<Result<wire::Reply>> give_package(wire::Alias alias, ShortHash generation, uint16_t index);

  // ---- group_log.cc
  Answer handle(const Caller& caller, const wire::LogOpen& request);
  Answer handle(const Caller& caller, const wire::LogAppend& request);
  Answer handle(const Caller& caller, const wire::LogRead& request);
  uint8_t log_work() const;
  Task<Result<LogRecord>> load_log(const wire::LogId& log);
  Task<Status> charge_log(const wire::LogId& log, const LogRecord& record, uint64_t size);
  Task<Status> see_log(wire::LogId log);
  Task<Status> check_append_right(const LogRecord& log, const wire::LogAppend& request);
  Task<Result<std::vector<wire::TokenHash>>> read_hashes(const LogRecord& record, wire::LogId log, uint64_t epoch);

  // ---- parts.cc
  Answer handle(const Caller& caller, const wire::PartPut& request);
  Answer handle(const Caller& caller, const wire::PartGet& request);
  TransferPlace transfer_place(const Caller& caller, const wire::TransferId& transfer);
  Task<Bytes> do_whole(const Caller& caller, Bytes whole, bool alone);
  Answer do_decoded(const Caller& caller, Bytes whole, bool alone);

  // ---- sealed.cc
  Answer handle(const Caller& caller, const wire::Sealed& request);
  Answer handle(const Caller& caller, const wire::BulletinGet& request);
  Task<Result<uint32_t>> bucket_of(wire::MailboxId mailbox);
  Task<Status> serve_sealed(SealedArrivalId arrival, Bytes sealed);
  Task<Result<Bytes>> do_sealed(Bytes sealed);
  Task<Result<Bytes>> do_opened(SessionId id, session::OpenedRequests opened);
  Task<Status> note_sealed(SessionId id, Bytes key, Instant expires);
  Status check_sealed_place(bool of_resident);
  Task<wire::Reply> do_inside(SessionId id, Bytes bytes, size_t room);

  // ---- forward.cc
  Answer handle(const Caller& caller, const wire::Forward& request);
  Status check_forward(SessionId session, const wire::Forward& request);
  void make_forward_room();
  void end_forward(ForwardId forward, Result<Bytes> reply);

  // ---- web_push.cc
  Answer handle(const Caller& caller, const wire::PageLook& request);
  Answer handle(const Caller& caller, const wire::AdmissionGet& request);
  Answer handle(const Caller& caller, const wire::TurnGet& request);
  Answer handle(const Caller& caller, const wire::CallRoomOpen& request);
  Answer handle(const Caller& caller, const wire::CallRoomAsk& request);
  void end_unit_ask(UnitAskId ask, Result<wire::CallRoomSaid> said);
  Answer handle(const Caller& caller, const wire::WebPushLook& request);
  Answer handle(const Caller& caller, const wire::WebPushSet& request);
  Answer handle(const Caller& caller, const wire::WebPushDrop& request);
  Task<Status> erase_web_push(wire::MailboxId mailbox, DeviceTag tag);
  Task<Status> take_up_web_pushes();
  void want_web_push(const Bytes& queue);
  void start_web_pushes();
  Task<Status> send_web_push(Bytes queue);
  void end_web_push(WebPushId push, const WebPushResult& result);
  Task<Status> drop_web_push(Bytes queue, Bytes record);
  Instant web_push_deadline() const;
  void expire_web_pushes();

  // ---- blob.cc
  // A blob that is being stored, or was looked at lately.
  struct ActiveBlob {
    BlobRecord record;
    uint32_t stored = 0;        // chunks from the first on, without a gap
    std::set<uint32_t> beyond;  // chunks that have overtaken others
    Bytes grant;                // the last that was good for it
  };
  using ActiveBlobHold = std::shared_ptr<ActiveBlob>;
  Answer handle(const Caller& caller, const wire::BlobGrant& request);
  Answer handle(const Caller& caller, const wire::BlobPut& request);
  Answer handle(const Caller& caller, const wire::BlobGet& request);
  Answer handle(const Caller& caller, const wire::BlobLook& request);
  Status charge_grant(const wire::MailboxId& mailbox, uint32_t chunks);
  Task<Result<std::optional<BlobRecord>>> load_blob(BlobHash blob);
  Task<Result<ActiveBlobHold>> find_blob(BlobHash blob);
  Task<Result<ActiveBlobHold>> begin_chunk(BlobHash blob, const wire::BlobPut& request);
  Task<Result<bool>> spend_grant(BlobHash blob, const GrantedBlob& grant);
  Task<Result<ActiveBlobHold>> begin_blob(BlobHash blob, uint32_t chunks);
  Task<Status> count_chunks(BlobHash blob, ActiveBlob& active);
  Task<Status> store_chunk(BlobHash blob, ActiveBlob& active, const wire::BlobPut& request);
  Task<Status> keep_blob(BlobHash blob, ActiveBlob& active, bool extend);
  ActiveBlobHold remember_blob(const BlobHash& blob, ActiveBlob active);

  // ---- names.cc
  Answer handle(const Caller& caller, const wire::NameClaim& request);
  Answer handle(const Caller& caller, const wire::NameRelease& request);
  Answer handle(const Caller& caller, const wire::NameResolve& request);
  Answer handle(const Caller& caller, const wire::ContactDeliver& request);
  Task<Status> erase_name(wire::MailboxId mailbox);
  Task<Result<MailboxRecord>> stranger_mailbox(wire::MailboxId mailbox);
  Task<Result<uint64_t>> strangers_waiting(const MailboxRecord& mailbox, wire::MailboxId id, wire::Alias alias);

  // ---- channel.cc
  Answer handle(const Caller& caller, const wire::ChannelGrant& request);
  Answer handle(const Caller& caller, const wire::ChannelCreate& request);
  Answer handle(const Caller& caller, const wire::ChannelAppend& request);
  Answer handle(const Caller& caller, const wire::ChannelRead& request);
  Answer handle(const Caller& caller, const wire::ChannelFollow& request);
  Answer handle(const Caller& caller, const wire::ChannelLook& request);
  Answer handle(const Caller& caller, const wire::ChannelDrop& request);
  Task<Result<ChannelRecord>> load_channel(wire::ChannelId channel);
  Status check_entry(const ChannelRecord& record, const wire::ChannelAppend& request) const;
  Task<Result<uint64_t>> forget_contents(wire::ChannelId channel, std::vector<uint64_t> sequences);
  Task<Result<wire::ChannelEntries>> read_channel(wire::ChannelId channel, uint64_t after, uint32_t bytes_max);
  void unfollow(SessionId session, const SessionState& state);
  void publish(const wire::ChannelId& channel, const wire::ChannelEntry& entry);
  void push_publications();
  bool push_first(const wire::ChannelId& channel, Following& following, size_t& left);
  void tell_behind(SessionId id, SessionState& state);
  Status check_channel_room(const ChannelRecord& record, uint64_t size) const;
  Task<Result<Bytes>> mark_channel_ended(wire::ChannelId channel, Bytes stored, bool removed);
  Task<Status> erase_channel(wire::ChannelId channel, Bytes marked);
  Task<Status> sweep_channel(Bytes key, Bytes value);

  // ---- removal.cc
  Task<Status> carry_out(std::shared_ptr<Removal> removal);
  Task<Status> remove_blob(BlobHash blob);
  Task<Status> remove_channel(std::shared_ptr<Removal> removal, wire::ChannelId channel);

  // ---- tickets.cc
  Task<Status> redeem(SessionId session, session::TicketId ticket);
  Task<Result<std::optional<session::TicketRecord>>> redeemed(session::TicketId ticket);
  Task<Status> store_ticket(Bytes key, Bytes value);
  void ticket_gone();

  // ---- sweep.cc
  Task<Status> sweep_some();
  Task<Status> sweep_record(char kind, Bytes key, Bytes value);
  Task<Status> sweep_mailbox(Bytes key, Bytes value);
  Task<Status> sweep_log(Bytes key, Bytes value);
  Task<Status> sweep_blob(Bytes key, Bytes value);

  // Unchanging.
  const Keys& keys_;
  const Options options_;
  Random& random_;
  Sessions& sessions_;
  const session::TicketVault vault_;

  // State of this run; everything that matters later is in the store.
  Storing storing_;
  Lanes lanes_;
  Usage usage_;
  AddressCounts address_counts_;
  Rate take_rate_;
  Rate append_rate_;
  Rate fleeting_rate_;        // what comes with a ttl of 0, by address
  Rate attempt_rate_;         // late attempts, by log and epoch
  Rate forward_rate_;         // sealed requests that are passed on, all of them
  Rate sealed_rate_;          // sealed requests, by the session that brings them
  Rate resident_rate_;        // sealed requests that prove a mailbox, by mailbox
  Rate resolve_rate_;         // names that are asked for, by name
  Rate resolve_busy_rate_;    // the same, of those that the first has no room for
  Rate claim_rate_;           // names that are claimed anew, by mailbox
  Rate contact_rate_;         // contact requests, by address
  Rate channel_rate_;         // entries, by channel
  Rate turn_rate_;            // credentials for calls, by mailbox
  Rate room_rate_;            // rooms for calls, by mailbox
  Rate ask_rate_;             // what is wished of them, by session
  SpentWork spent_resolves_;  // of names that were asked for
  SpentWork spent_contacts_;  // of contact requests
  Meetings meetings_;
  BulletinPlan bulletin_;
  std::optional<CallRelayPlan> call_relay_;
  std::optional<CallUnitPlan> call_unit_;
  std::map<UnitAskId, UnitAsk> unit_asks_;
  uint64_t next_unit_ask_ = 1;
  Transfers device_transfers_;     // parts of requests
  Transfers anonymous_transfers_;  // the same
  Counters counters_;
  Instant now_;
  std::optional<Error> stop_;
  std::map<SessionId, SessionState> session_states_;
  std::map<Bytes, std::set<SessionId>> live_sessions_;  // by queue
  std::multimap<Instant, SelfDeliveryTimer> timers_;
  std::set<ShortHash> scheduled_;
  bool stock_taken_ = false;
  std::map<wire::MailboxId, uint32_t> self_waiting_;  // of timers_, how many of each mailbox
  uint64_t mailboxes_ = 0;
  uint64_t logs_ = 0;
  uint64_t tickets_ = 0;
  uint64_t sealed_ids_ = 0;  // remembered, of sealed requests that were done
  // Of these, since the start, those that proved a mailbox: by the day on which they may be forgotten. At rest nothing tells.
  std::map<uint32_t, uint64_t> resident_ids_;
  size_t sealed_running_ = 0;
  uint64_t next_sealed_ = 1;
  std::map<ForwardId, Passing> forwards_;  // all wait equally long, so the oldest ends first
  uint64_t next_forward_ = 1;
  std::optional<wire::WebPushKey> web_push_public_;
  WebPushes web_pushes_;
  std::map<WebPushId, WebPushOut> web_pushes_out_;  // all wait equally long, as forwards_
  size_t web_pushes_running_ = 0;                   // of them, and those that are being looked up
  uint64_t next_web_push_ = 1;
  uint64_t logs_bytes_ = 0;
  uint64_t blobs_bytes_ = 0;
  uint32_t grants_day_ = 0;
  std::map<wire::MailboxId, uint64_t> granted_bytes_;  // on grants_day_
  uint64_t channels_ = 0;
  uint64_t channels_bytes_ = 0;
  uint32_t codes_day_ = 0;
  std::map<wire::MailboxId, uint32_t> codes_;  // given on codes_day_
  uint32_t codes_given_ = 0;                   // the same, of all
  uint32_t channel_grants_day_ = 0;
  std::map<wire::MailboxId, uint32_t> channel_grants_;  // on channel_grants_day_
  std::map<wire::ChannelId, Following> following_;
  std::deque<wire::ChannelId> publishing_;  // those with pushes on their way
  Instant publish_at_ = kNever;             // when that goes on
  uint32_t channel_bytes_day_ = 0;
  std::map<wire::ChannelId, uint64_t> channel_bytes_;  // appended on channel_bytes_day_
  std::map<BlobHash, ActiveBlobHold> active_blobs_;
  BlobHash last_evicted_blob_;
  std::optional<Error> trouble_;  // of the store, that may pass
  uint64_t failures_seen_ = 0;
  Instant probe_at_ = kNever;
  Instant sweep_at_ = kNever;
  bool sweeping_ = false;
  size_t sweep_kind_ = 0;
  Bytes sweep_after_;
  std::optional<wire::Alias> sweep_pool_;  // tidied last
  store::HomeStore& store_;
  Tasks tasks_;  // last: its end needs all of the others
};

}  // namespace godwit::home
