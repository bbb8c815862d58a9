// Sealed requests, brought by whoever has them, and what this home says of itself.

#include "home/core.h"
#include "wire/errors.h"

namespace godwit::home {

Core::Answer Core::handle(const Caller&, const wire::Sealed&) {
  co_return Error{wire::kUnknownRequest, "home: not served"};
}

Core::Answer Core::handle(const Caller&, const wire::Forward&) {
  co_return Error{wire::kUnknownRequest, "home: not served"};
}

Core::Answer Core::handle(const Caller&, const wire::BulletinGet&) {
  co_return Error{wire::kUnknownRequest, "home: not served"};
}

}  // namespace godwit::home
