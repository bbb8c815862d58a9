#include "net/call_passage.h"

#include <utility>

#include "net/stream_client.h"

namespace godwit::net {
namespace {

// The server is a program on this machine: it ends a connection by itself, and is quiet where the far side is.
constexpr routes::StallTimes kNeverSilent{minutes(20), minutes(30)};

}  // namespace

CallPassage::CallPassage(EventLoop& loop, const CallRelay& relay, std::unique_ptr<CallPlace> place,
                         std::unique_ptr<Pipe> person, ByteView first, std::function<void()> on_end)
    : place_(std::move(place)), stranger_(loop), joined_(loop, relay.idle, on_end) {
  joined_.set(JoinedPipes::Side::kNear, std::move(person));
  joined_.hear_far([this](ByteView bytes) {
    const bool more = ear_.hear(bytes);
    if (ear_.heard()) {
      stranger_.cancel();
      place_->prove();
    }
    return more;
  });
  StreamOptions options;
  options.early_bytes = to_bytes(first);
  options.stall = kNeverSilent;
  options.connect.receive_buffer = kPipeHeldLittle;  // what it holds there coturn does not see, and drops nothing
  std::unique_ptr<Pipe> server;
  const auto dial = connect_stream(loop, std::move(options), joined_.events(JoinedPipes::Side::kFar), server).lock();
  joined_.set(JoinedPipes::Side::kFar, std::move(server));
  if (dial) dial->go({"127.0.0.1", relay.port});
  stranger_.set(relay.stranger, [this] { joined_.closed(JoinedPipes::Side::kNear); });
}

}  // namespace godwit::net
