#pragma once
// The rooms of a unit that runs: between this home, who asks for seats, and the socket of Janus. Only main files include this.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/random.h"
#include "home/call_rooms.h"
#include "home/home.h"
#include "net/event_loop.h"
#include "net/text_socket.h"

namespace godwit::home {

/// For as long as one process of Janus runs. A connection that ends is made anew, and all rooms are gone with it.
class UnitRooms {
 public:
  /// Connects at once. `changed` is called from the loop when rooms can be made, or no more.
  UnitRooms(net::EventLoop& loop, Random& random, Home& home, std::string socket_path, CallRoomsOptions options,
            std::function<void()> changed);
  ~UnitRooms();
  UnitRooms(const UnitRooms&) = delete;
  UnitRooms& operator=(const UnitRooms&) = delete;

  /// Before it goes, also where its own code stands below: those who ask are told that there is no unit, and nothing is called any more.
  void close();
  /// Rooms can be made.
  bool is_open() const { return open_; }
  /// Why not, if it has failed since.
  std::optional<Error> error() const { return error_; }
  /// That is since Janus takes connections or has taken one, and says nothing.
  bool hangs() const { return hangs_; }
  /// How many there are now.
  CallRoomsCounts counts() const { return rooms_->counts(); }
  /// How many seats there may be.
  uint32_t seats_max() const { return options_.seats_max; }

 private:
  void connect();
  void pump();
  void pump_later();
  void settle();
  void fail(Error error);

  net::EventLoop& loop_;
  Random& random_;
  Home& home_;
  std::string socket_path_;
  CallRoomsOptions options_;
  std::function<void()> changed_;
  std::unique_ptr<CallRooms> rooms_;
  std::unique_ptr<net::TextSocket> socket_;
  net::Timer due_;
  net::Timer again_;
  bool open_ = false;
  bool hangs_ = false;
  std::optional<Error> error_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace godwit::home
