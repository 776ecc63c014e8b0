#include "models/internet/draws.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/core/check.hpp"

namespace hearsay::internet {

namespace {

// Coefficients of AS 241 (Wichura, "The percentage points of the normal distribution", Applied Statistics 37, 1988),
// highest power first.
constexpr std::array<double, 8> kCentreTop = {
    2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4, 4.5921953931549871457e+4,
    1.3731693765509461125e+4, 1.9715909503065514427e+3, 1.3314166789178437745e+2, 3.3871328727963666080e+0};
constexpr std::array<double, 8> kCentreBottom = {
    5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4, 2.1213794301586595867e+4,
    5.3941960214247511077e+3, 6.8718700749205790830e+2, 4.2313330701600911252e+1, 1.0};
constexpr std::array<double, 8> kTailTop = {
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e+0,
    3.64784832476320460504e+0, 5.76949722146069140550e+0, 4.63033784615654529590e+0, 1.42343711074968357734e+0};
constexpr std::array<double, 8> kTailBottom = {
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
    6.89767334985100004550e-1, 1.67638483018380384940e+0, 2.05319162663775882187e+0, 1.0};
constexpr std::array<double, 8> kFarTop = {
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
    2.96560571828504891230e-1, 1.78482653991729133580e+0, 5.46378491116411436990e+0, 6.65790464350110377720e+0};
constexpr std::array<double, 8> kFarBottom = {
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
    1.48753612908506148525e-2,  1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0};

double polynomial(const std::array<double, 8>& coefficients, double x) {
  double sum = 0.0;
  for (const double coefficient : coefficients) sum = sum * x + coefficient;
  return sum;
}

}  // namespace

double normal_quantile(double chance) {
  const double q = chance - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kCentreTop, r) / polynomial(kCentreBottom, r);
  }
  const double r = std::sqrt(-std::log(q <= 0.0 ? chance : 1.0 - chance));
  const double size = r <= 5.0 ? polynomial(kTailTop, r - 1.6) / polynomial(kTailBottom, r - 1.6)
                               : polynomial(kFarTop, r - 5.0) / polynomial(kFarBottom, r - 5.0);
  return q < 0.0 ? -size : size;
}

LogNormal LogNormal::of_mean_and_deviation(double mean, double deviation) {
  const double variation = deviation / mean;
  const double variance = std::log1p(variation * variation);
  return {mean * std::exp(-0.5 * variance), std::sqrt(variance)};
}

LogNormal LogNormal::of_median_and_mean(double median, double mean) {
  SIM_CHECK(mean >= median, "the mean of a log-normal law is not below its median");
  return {median, std::sqrt(2.0 * std::log(mean / median))};
}

double LogNormal::quantile(double chance) const {
  return sigma > 0.0 ? median * std::exp(sigma * normal_quantile(chance)) : median;
}

double latency_pareto_quantile(double mean_ms, double chance) {
  SIM_CHECK(mean_ms > 5.0, "the Pareto law of latencies has no mean of 5 ms or less");
  return (mean_ms - 5.0) * std::pow(1.0 - chance, -5.0 / mean_ms);
}

double exponential_quantile(double chance) {
  return -std::log1p(-chance);
}

Duration rounded(double nanoseconds, Duration cap) {
  return {std::llround(std::min(nanoseconds, static_cast<double>(cap.ns)))};
}

}  // namespace hearsay::internet
