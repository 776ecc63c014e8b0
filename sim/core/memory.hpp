// Help for large arrays that are read at random, where most of the time goes into cache and TLB misses.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace hearsay {

// Brings the cache line near, ahead of its use. A load where a prefetch instruction would seem to do: prefetches that
// miss the TLB were dropped when many were under way, and nobody waits for the result of this load.
template <class T>
inline void touch(const T* object) {
  static_cast<void>(*reinterpret_cast<const volatile char*>(object));
}

// Storage on cache lines of its own, and on huge pages (fewer TLB misses) when it is large and the system grants them.
template <class T>
struct LargeArrayAllocator {
  using value_type = T;

  LargeArrayAllocator() = default;
  template <class U>
  LargeArrayAllocator(const LargeArrayAllocator<U>&) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    constexpr std::size_t kLine = 64;
    constexpr std::size_t kHugePage = std::size_t{2} << 20;
    static_assert(alignof(T) <= kLine);
    const bool large = count * sizeof(T) >= kHugePage;
    const std::size_t alignment = large ? kHugePage : kLine;
    const std::size_t bytes = (count * sizeof(T) + alignment - 1) / alignment * alignment;
    void* memory = std::aligned_alloc(alignment, bytes);
    if (memory == nullptr) throw std::bad_alloc();
    if (large) madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: without it the same happens more slowly
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t) { std::free(memory); }

  friend bool operator==(const LargeArrayAllocator&, const LargeArrayAllocator&) { return true; }
};

}  // namespace hearsay
