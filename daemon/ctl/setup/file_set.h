#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace ticketd {

/// Files that are written together: all of them, or, when one can't be written, none. What has one of the names is
/// kept beside it as NAME.bak (.bak2, …), unless it holds the very same. Folders that are missing are made.
class FileSet {
 public:
  /// `mode`: of a new file; one that is replaced keeps its owner, and of its mode what this allows. `like`: a new file
  /// has those of that one, if it is there.
  void add(std::string path, std::string octets, mode_t mode, std::string like = {});
  /// One that replaces nothing: when there is one by then, nothing is written.
  void add_new(std::string path, std::string octets, mode_t mode);
  /// `mode`: of the folder if it has to be made (those above it: 0755). Wanted by files that are added.
  void add_folder(std::string path, mode_t mode);

  struct Written {
    std::string path;
    std::string backup;  ///< empty: there was none before
    bool is_unchanged = false;
  };
  /// Signals that would end the program wait, also while `when_written` is called: all of them stand. Throws
  /// CommandFailure.
  [[nodiscard]] std::vector<Written> write(const std::function<void()>& when_written = {});

 private:
  struct Wanted {
    std::string path, octets;
    mode_t mode;
    bool is_new = false;
    std::string like = {};
  };
  struct Folder {
    std::string path;
    mode_t mode;
  };
  std::vector<Wanted> files_;
  std::vector<Folder> folders_;
};

}  // namespace ticketd
