#include "net/only_address_bytes.h"

// GODWIT_ONLY_ADDRESS: where the build has put it.
asm(".section .rodata\n"
    ".balign 16\n"
    "godwit_only_address_begin:\n"
    ".incbin \"" GODWIT_ONLY_ADDRESS "\"\n"
    "godwit_only_address_end:\n"
    ".byte 0\n"
    ".text\n");

extern "C" {
extern const char only_address_begin[] asm("godwit_only_address_begin");
extern const char only_address_end[] asm("godwit_only_address_end");
}

namespace godwit::net {

std::string_view only_address_bytes() {
  return {only_address_begin, static_cast<size_t>(only_address_end - only_address_begin)};
}

}  // namespace godwit::net
