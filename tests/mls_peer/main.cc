// mls-peer: answers requests on stdin, one a line, on stdout, until stdin closes. See peer.h.

#include <chrono>
#include <iostream>

#include "crypto/random_sources.h"
#include "tests/mls_peer/peer.h"

int main() {
  using namespace godwit;
  if (!crypto::initialise()) {
    std::cerr << "mls-peer: libsodium does not start\n";
    return 1;
  }
  crypto::SystemRandom random;
  mls_peer::Peer peer(random);
  for (std::string line; std::getline(std::cin, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    const Instant now{std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count()};
    std::cout << peer.answer(line, now) << std::endl;
  }
  return 0;
}
