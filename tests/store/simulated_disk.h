#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// One thing that a process had its kernel do to a file.
struct DiskChange {
  enum class Kind { create, write, truncate, sync, failed_sync, remove };
  Kind kind = Kind::write;
  std::string file;
  std::size_t offset = 0;  ///< for truncate: the new size
  std::string octets;
  bool directory = false;  ///< sync and remove: the folder's entries become durable too
};

/// The files of one folder as a kernel and a disk hold them: what processes read, and what a power cut leaves. A failed
/// sync drops what it was to write: readers still see it, no later sync brings it to the disk (Linux does so).
class SimulatedDisk {
 public:
  static constexpr std::size_t kSector = 512;
  using Random = std::minstd_rand;

  void apply(const DiskChange& change) {
    switch (change.kind) {
      case DiskChange::Kind::create:
        names_[change.file] = files_.size();
        files_.emplace_back();
        break;
      case DiskChange::Kind::write:
      case DiskChange::Kind::truncate:
        alter(file(change.file).content, change);
        file(change.file).unsynced.push_back(change);
        break;
      case DiskChange::Kind::sync:
        sync(file(change.file));
        if (change.directory) synced_names_ = names_;
        break;
      case DiskChange::Kind::failed_sync:
        file(change.file).unsynced.clear();
        break;
      case DiskChange::Kind::remove:
        names_.erase(change.file);
        if (change.directory) synced_names_ = names_;
        break;
    }
  }
  /// A write of which only some sectors arrive, as when its process is killed amid it.
  void tear(const DiskChange& write, Random& random) {
    for (const auto& sector : sectors_of(write))
      if (random() % 2 == 0) apply(sector);
  }

  /// What is left without power: what was synced.
  [[nodiscard]] SimulatedDisk after_power_cut() const {
    SimulatedDisk left;
    left.names_ = left.synced_names_ = synced_names_;
    for (const auto& f : files_) left.files_.push_back({f.durable, f.durable, {}});
    return left;
  }
  /// The same, and of what was not synced any part in any order: single sectors, sizes, names, and rubbish.
  [[nodiscard]] SimulatedDisk after_power_cut(Random& random) const {
    SimulatedDisk left = after_power_cut();
    left.names_ = left.synced_names_ = some_names(random);
    for (std::size_t i = 0; i < files_.size(); ++i) {
      for (const auto& change : files_[i].unsynced) write_some(left.files_[i].durable, change, random);
      left.files_[i].content = left.files_[i].durable;
    }
    return left;
  }

  [[nodiscard]] bool has(const std::string& name) const { return names_.count(name) != 0; }
  [[nodiscard]] const std::string& content(const std::string& name) const { return files_[names_.at(name)].content; }
  /// The same for disks on which processes read the same.
  [[nodiscard]] std::size_t fingerprint() const {
    std::size_t sum = names_.size();
    for (const auto& [name, index] : names_)
      sum = sum * 1000003 + std::hash<std::string>()(name) * 31 + std::hash<std::string>()(files_[index].content);
    return sum;
  }

 private:
  struct File {
    std::string content;
    std::string durable;
    std::vector<DiskChange> unsynced;
  };
  using Names = std::map<std::string, std::size_t>;

  File& file(const std::string& name) { return files_[names_.at(name)]; }
  static void alter(std::string& content, const DiskChange& change) {
    if (change.kind == DiskChange::Kind::truncate) return content.resize(change.offset);
    content.resize(std::max(content.size(), change.offset + change.octets.size()));
    content.replace(change.offset, change.octets.size(), change.octets);
  }
  static void sync(File& f) {
    for (const auto& change : f.unsynced) alter(f.durable, change);
    f.unsynced.clear();
  }
  static std::vector<DiskChange> sectors_of(const DiskChange& write) {
    std::vector<DiskChange> sectors;
    const std::size_t end = write.offset + write.octets.size();
    for (std::size_t from = write.offset; from < end;) {
      const std::size_t to = std::min(end, from / kSector * kSector + kSector);
      auto& sector = sectors.emplace_back(write);
      sector.offset = from;
      sector.octets = write.octets.substr(from - write.offset, to - from);
      from = to;
    }
    return sectors;
  }
  static void write_some(std::string& durable, const DiskChange& change, Random& random) {
    if (change.kind == DiskChange::Kind::truncate) {
      if (random() % 2 == 0) alter(durable, change);
      return;
    }
    for (auto& sector : sectors_of(change)) {
      const auto fate = random() % 8;
      if (fate == 7)
        std::generate(sector.octets.begin(), sector.octets.end(), [&] { return static_cast<char>(random()); });
      if (fate >= 4) alter(durable, sector);
    }
  }
  Names some_names(Random& random) const {
    Names names;
    for (const auto& [name, index] : names_)
      if (synced_names_.count(name) == 0 && random() % 2 == 0) names[name] = index;
    for (const auto& [name, index] : synced_names_) {
      const bool gone = names_.count(name) == 0;
      if (!gone)
        names[name] = random() % 2 == 0 ? index : names_.at(name);
      else if (random() % 2 == 0)
        names[name] = index;
    }
    return names;
  }

  std::vector<File> files_;
  Names names_;
  Names synced_names_;
};

}  // namespace ticketd
