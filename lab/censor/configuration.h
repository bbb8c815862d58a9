#pragma once
// What the program was asked to do: its arguments and its configuration file, checked.

#include <string>
#include <vector>

#include "lab/censor/censor.h"

namespace godwit::lab {

/// A host and the namespace that its device goes into.
struct HostPlan {
  Host host;
  std::string netns;
};

/// Everything the program is told at its start.
struct Configuration {
  Settings settings;
  std::vector<HostPlan> hosts;
  std::vector<std::string> modes;
  std::string pcap;      ///< file, or empty
  std::string features;  ///< the same
  std::string reply;     ///< not empty: print this and end, as for --list
};

/// Reads the arguments of main(). Returns -1 if the program shall go on, else the status to end with: what there is to say
/// has been printed.
int read_arguments(int count, const char* const* arguments, Configuration& out);

/// Reads "NAME:NETNS:inside|outside:CIDR[+CIDR...]". Empty, or what is wrong.
std::string parse_host(const std::string& text, HostPlan& out);

/// Reads a configuration file's JSON into `out`. Empty, or what is wrong.
std::string read_configuration(const std::string& json, Configuration& out);

}  // namespace godwit::lab
