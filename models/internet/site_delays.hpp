// What a SiteTable holds, for the files that fill it: Eigen stays out of site_table.hpp.
#pragma once

#include <Eigen/Core>
#include <cstdint>

#include "models/internet/site_table.hpp"

namespace hearsay::internet {

// Nanoseconds, one way; symmetric.
struct SiteTable::Delays {
  Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic> ns;
};

}  // namespace hearsay::internet
