// Whatever the program of a transport prints, its lines are bounded, printable where people see them, and cut alike
// however they come.

#include <algorithm>

#include "base/assert.h"
#include "routes/pt_lines.h"

using godwit::ByteView;
using namespace godwit::routes;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  PtLines whole;
  PtLines pieces;
  const auto lines = whole.feed({data, size});
  std::vector<PtLine> again;
  for (size_t i = 0; i < size; ++i) {
    for (PtLine& line : pieces.feed({data + i, 1})) again.push_back(std::move(line));
  }
  ASSERT(lines.size() == again.size());
  for (const bool server : {false, true}) {
    PtGreeting greeting(server, false);
    for (size_t i = 0; i < lines.size(); ++i) {
      const PtLine& line = lines[i];
      ASSERT(line.kind == again[i].kind && line.text == again[i].text);
      ASSERT(std::all_of(line.text.begin(), line.text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; }));
      if (!greeting.on_line(line, "obfs4")) break;
      if (greeting.is_ready()) ASSERT(greeting.method().port != 0);
    }
  }
  return 0;
}
