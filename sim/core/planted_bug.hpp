// Deliberate mistakes, compiled into separate test programs only, to show that the determinism tests would notice
// them. In every other program kPlantedBug is `none` and the branches on it vanish.
#pragma once

namespace hearsay {

enum class PlantedBug {
  none = 0,
  skipped_tie_rank = 1,        // nodes are ordered as the scenario lists them
  draw_keyed_by_dense_id = 2,  // random streams are keyed by array position instead of by name
  hash_map_iteration = 3,      // announcements go out in the order of a hash map keyed by addresses
  message_lost_on_hold = 4,    // what a delivery rule held is forgotten when it could leave
};

#ifdef HEARSAY_PLANTED_BUG
inline constexpr PlantedBug kPlantedBug = static_cast<PlantedBug>(HEARSAY_PLANTED_BUG);
#else
inline constexpr PlantedBug kPlantedBug = PlantedBug::none;
#endif

}  // namespace hearsay
