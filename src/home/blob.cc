// The blob family: encrypted files in chunks.

#include "home/core.h"
#include "wire/errors.h"

namespace godwit::home {

Core::Answer Core::handle(const Caller&, const wire::BlobGrant&) {
  co_return Error{wire::kUnknownRequest, "home: not served"};
}

Core::Answer Core::handle(const Caller&, const wire::BlobPut&) {
  co_return Error{wire::kUnknownRequest, "home: not served"};
}

Core::Answer Core::handle(const Caller&, const wire::BlobGet&) {
  co_return Error{wire::kUnknownRequest, "home: not served"};
}

Core::Answer Core::handle(const Caller&, const wire::BlobLook&) {
  co_return Error{wire::kUnknownRequest, "home: not served"};
}

}  // namespace godwit::home
