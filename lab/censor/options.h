#pragma once
// What stands behind a mode's name: key=value pairs, checked against the mode's table before anything is built from them.

#include <map>
#include <string>
#include <vector>

#include "lab/censor/address.h"
#include "lab/censor/time.h"

namespace godwit::lab {

/// How an option's value is written.
enum class OptionKind {
  kNumber,  ///< 0.5
  kWhole,   ///< 25
  kSwitch,  ///< on or off
  kChoice,  ///< one of `choices`
  kParts,   ///< some of `choices`, joined by '+'
  kNames,   ///< names joined by '+', or @file with one per line
  kBlocks,  ///< addresses or CIDR blocks, the same way
  kPorts,   ///< ports or ranges, the same way
  kText,    ///< anything
};

/// One option of a mode.
struct OptionInfo {
  const char* name;
  OptionKind kind;
  const char* initial;  ///< the default, written as a person would
  double least = 0;     ///< of numbers
  double most = 0;
  const char* choices = "";  ///< separated by '|'
  const char* text = "";     ///< what it does
};

/// The values of a mode's options, all of them valid.
class Options {
 public:
  /// Takes the defaults of `table` and then "key=value,..." of `given`. Empty, or what is wrong, naming the option.
  std::string read(const std::vector<OptionInfo>& table, std::string_view given);

  /// A number's value; the options of a mode's own table exist, any other name is a fault of ours.
  double number(const char* name) const;
  /// A whole number's value.
  int64_t whole(const char* name) const;
  /// A number of seconds.
  Time seconds(const char* name) const;
  /// True for "on".
  bool on(const char* name) const;
  /// The value as it was written.
  const std::string& text(const char* name) const;
  /// True if the choice is `value`.
  bool is(const char* name, std::string_view value) const { return text(name) == value; }
  /// True if `part` is among the parts.
  bool has(const char* name, std::string_view part) const;
  /// The items of a list; those of the file for "@file".
  std::vector<std::string> names(const char* name) const;
  /// The blocks of a list; none for an empty one.
  CidrSet blocks(const char* name) const;
  /// The ports of a list.
  PortSet ports(const char* name) const;

 private:
  std::string check(const OptionInfo& info, const std::string& value);

  std::map<std::string, std::string, std::less<>> values_;
  std::map<std::string, std::vector<std::string>, std::less<>> lists_;
};

/// Lines without comments ('#') and blanks around; empty ones are left out.
std::vector<std::string> lines_of(std::string_view text);

/// A file's contents; false if it cannot be read or is larger than 64 MiB.
[[nodiscard]] bool read_file(const std::string& path, std::string& out);

}  // namespace godwit::lab
