#pragma once
// Another program that a benchmark runs beside itself.

#include <sys/types.h>

#include <string>
#include <vector>

namespace godwit::bench {

/// Where a child runs.
inline constexpr int kAnyCore = -1;

/// A program that runs, and the end of the pipe on which it prints.
struct Child {
  pid_t process = 0;
  int output = -1;
};

/// Whether what a child says on stderr is seen.
enum class Hints { kShown, kHidden };

/// Starts `program`; it is killed when this program ends, however that happens. `core`: the only one on which it may run,
/// with all its threads; kAnyCore: wherever the system likes. Before this program has a second thread.
Child start_child(const std::string& program, std::vector<std::string> arguments, Hints hints, int core = kAnyCore);
/// SIGKILL, and waits for its end. Harmless for one that was never started.
void kill_child(Child& child);
/// One line of what it prints, or what there is until its end.
std::string read_line(int output);
/// Runs a program to its end and gives the first line that it prints; `status` is what waitpid says.
std::string run_child(const std::string& program, std::vector<std::string> arguments, int& status);
/// The program of this name beside this one; ends this program with a message if it is not there.
std::string program_beside(const std::string& name);

/// Seconds of processor time that a process has used so far, all its threads; 0 if it is gone.
double processor_seconds_of(pid_t process);
/// Bytes of memory that a process has in use now (/proc/PID/statm); 0 if it is gone.
double resident_bytes_of(pid_t process);
/// Keeps this thread, and those it starts, on one core. False: the machine has no such core, or refuses.
bool stay_on_core(int core);

}  // namespace godwit::bench
