#pragma once
// What stands in each entry of a home's store, byte by byte, and what each tells: for `godwit-home audit MAILBOX`. The tables here have to
// name every kind of entry and every field of every record: a record whose fields they do not count does not compile, a kind that they do
// not have is shown as unknown, and tests/audit_test.py finds a letter in the sources that is not here.

#include <string>
#include <vector>

#include "store/home_store.h"

namespace godwit::home {

/// A stretch of bytes of an entry.
struct AuditField {
  std::string name;
  Bytes bytes;
  std::string reads;  ///< as a number and a day, where it is that; else empty
  std::string tells;  ///< to whoever seizes the disk
};

/// An entry taken apart: the stretches are all of its bytes, in their order.
struct AuditEntry {
  char kind = '?';        ///< as in AuditReport::kinds; '?': nothing that a home makes
  bool readable = false;  ///< false: not what its key says; then what could not be read is one stretch
  std::vector<AuditField> key;
  std::vector<AuditField> value;
};

/// Takes an entry apart. It has to come from a Survey that was asked for the whole.
AuditEntry take_apart(const store::Entry& entry);
/// The entry as text: what it is, and each stretch with its bytes in hexadecimal.
std::string print_entry(const AuditEntry& entry);
/// All kinds and their fields, without any bytes: the complete list of what a home can have stored.
std::string print_kinds();

}  // namespace godwit::home
