// Requests in parts.

#include "home/core.h"
#include "wire/errors.h"

namespace godwit::home {

Core::Answer Core::handle(const Caller&, const wire::PartPut&) {
  co_return Error{wire::kUnknownRequest, "home: not served"};
}

Core::Answer Core::handle(const Caller&, const wire::PartGet&) {
  co_return Error{wire::kUnknownRequest, "home: not served"};
}

}  // namespace godwit::home
