#pragma once
// What people do with a chat server, measured: every scene is the same for every server.

#include <string>
#include <vector>

#include "bench/load/chat.h"
#include "net/event_loop.h"

namespace godwit::bench::load {

/// How large the scenes are.
struct Sizes {
  size_t connections = 1'000;                ///< idle ones
  size_t pairs = 40;                         ///< who talk to each other
  size_t window = 16;                        ///< messages of one sender that are under way
  double seconds = 3;                        ///< of each scene that has no number of messages
  Duration patience = godwit::seconds(180);  ///< with a server from which nothing more comes
  double rate = 2'000;                       ///< messages per second, of the paced scene
  size_t logins = 200;
  size_t offline_people = 40;
  size_t offline_messages = 500;  ///< to each of them
  std::string scene;              ///< only this one; empty: all
  std::vector<size_t> groups = {100, 1'000};
};

/// One figure.
struct Figure {
  std::string key;  ///< "online_per_s"
  std::string label;
  std::string unit;
  double value = 0;
  bool more_is_better = true;
};

/// Plays all scenes on a server that is fresh and gives the figures in order. A server that does not answer in time, or
/// gives a message twice, ends the program.
std::vector<Figure> play(net::EventLoop& loop, ChatServer& server, const Sizes& sizes);

}  // namespace godwit::bench::load
