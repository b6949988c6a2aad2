#include "daemon/metrics/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace ticketd {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessFigures process_figures() {
  ProcessFigures figures;
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0)
    figures.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  std::ifstream statm("/proc/self/statm");  // proc(5): size and resident, in pages
  std::uint64_t size = 0, resident = 0;
  if (statm >> size >> resident)
    figures.resident_octets = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return figures;
}

}  // namespace ticketd
