#include "home/main_unit_rooms.h"

#include "crypto/secret.h"
#include "net/errors.h"

namespace godwit::home {
namespace {

constexpr Duration kAgain = seconds(1);

}  // namespace

UnitRooms::UnitRooms(net::EventLoop& loop, Random& random, Home& home, std::string socket_path,
                     CallRoomsOptions options, std::function<void()> changed)
    : loop_(loop),
      random_(random),
      home_(home),
      socket_path_(std::move(socket_path)),
      options_(std::move(options)),
      changed_(std::move(changed)),
      due_(loop),
      again_(loop) {
  connect();
}

UnitRooms::~UnitRooms() {
  crypto::wipe({reinterpret_cast<uint8_t*>(options_.secret.data()), options_.secret.size()});
  crypto::wipe({reinterpret_cast<uint8_t*>(options_.admin_key.data()), options_.admin_key.size()});
}

void UnitRooms::close() {
  socket_.reset();
  due_.cancel();
  again_.cancel();
  alive_.reset();
  home_.set_call_unit(std::nullopt, loop_.now());
}

void UnitRooms::connect() {
  rooms_ = std::make_unique<CallRooms>(options_, random_);
  net::TextSocketEvents events;
  events.on_open = [this] {
    rooms_->connected(loop_.steady_now());
    settle();
  };
  events.on_text = [this](std::string_view text) {
    rooms_->heard(text, loop_.steady_now());
    settle();
  };
  events.on_closed = [this](Error error) { fail(error); };
  socket_ = std::make_unique<net::TextSocket>(loop_, net::TextSocketOptions{socket_path_, "janus-protocol"},
                                              std::move(events));
}

// After whatever the rooms were told.
void UnitRooms::settle() {
  pump();
  if (rooms_->is_broken()) return fail(rooms_->broken());
  if (open_ || !rooms_->ready()) return;
  open_ = true;
  hangs_ = false;
  error_.reset();
  CallUnitPlan plan;
  plan.open = [this](const Bytes& mailbox) {
    auto room = rooms_->open(mailbox, loop_.steady_now());
    pump_later();
    return room;
  };
  plan.ask = [this](UnitAskId ask, const wire::CallRoomAsk& request) {
    rooms_->ask(ask, request, loop_.steady_now());
    pump_later();
  };
  home_.set_call_unit(std::move(plan), loop_.now());
  changed_();
}

// Not from inside the home.
void UnitRooms::pump_later() {
  loop_.post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) pump();
  });
}

void UnitRooms::pump() {
  if (!socket_) return;
  for (const std::string& text : rooms_->messages()) socket_->send(text);
  for (CallRoomsAnswer& each : rooms_->answers()) home_.unit_answered(each.ask, std::move(each.said), loop_.now());
  const Instant now = loop_.steady_now();
  const Instant deadline = rooms_->deadline();
  if (deadline == kNever) return due_.cancel();
  due_.set(deadline - now, [this] {
    rooms_->expire(loop_.steady_now());
    settle();
  });
}

void UnitRooms::fail(Error error) {
  hangs_ = rooms_->hangs() || error.code == net::kGenericTimeout;
  const bool known = !open_ && error_.has_value() && !hangs_;
  open_ = false;
  error_ = error;
  socket_.reset();
  due_.cancel();
  again_.set(kAgain, [this] { connect(); });
  if (known) return;
  home_.set_call_unit(std::nullopt, loop_.now());
  changed_();
}

}  // namespace godwit::home
