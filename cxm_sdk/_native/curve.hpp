// log2(1 + 2^x), which sums two likelihoods given in bits, and its slope, read off a table.
#ifndef CXM_CURVE_HPP
#define CXM_CURVE_HPP

#include <cmath>
#include <cstddef>

enum {
    CXM_STEPS = 64,  // places of the table in each bit
    CXM_REACH = 44,  // bits beyond which the curve is its asymptote to the last digit
    CXM_PLACES = 2 * CXM_REACH * CXM_STEPS + 2
};

// The curve from each place to the next, x from -REACH to REACH: its value, its slope, and what is left of Hermite's
// cubic through two places with their slopes, which is right to 1e-10.
struct CxmCurve {
    double at[CXM_PLACES][4];

    CxmCurve() {
        for (std::ptrdiff_t i = 0; i < CXM_PLACES; i++) {
            double x = static_cast<double>(i) / CXM_STEPS - CXM_REACH;
            at[i][0] = std::log1p(std::exp2(x)) * 1.4426950408889634;
            at[i][1] = std::exp2(x) / (1.0 + std::exp2(x)) / CXM_STEPS;
            at[i][2] = at[i][3] = 0.0;
        }
        for (std::ptrdiff_t i = 0; i + 1 < CXM_PLACES; i++) {
            double rise = at[i + 1][0] - at[i][0];
            at[i][2] = 3.0 * rise - 2.0 * at[i][1] - at[i + 1][1];
            at[i][3] = at[i][1] + at[i + 1][1] - 2.0 * rise;
        }
    }
};

static const CxmCurve CXM_CURVE;

static inline double cxm_log2_of_one_plus(double x) {
    if (x <= -CXM_REACH) return 0.0;
    if (x >= CXM_REACH) return x;
    double place = (x + CXM_REACH) * CXM_STEPS;
    std::ptrdiff_t whole = static_cast<std::ptrdiff_t>(place);
    double t = place - whole;
    const double* curve = CXM_CURVE.at[whole];
    return curve[0] + t * (curve[1] + t * (curve[2] + t * curve[3]));
}

// 1 / (1 + 2^-x), the slope of the curve; a line between two places is right to 1e-5 of its value.
static inline double cxm_share_of_one(double x) {
    if (x <= -CXM_REACH) return 0.0;
    if (x >= CXM_REACH) return 1.0;
    double place = (x + CXM_REACH) * CXM_STEPS;
    std::ptrdiff_t i = static_cast<std::ptrdiff_t>(place);
    double t = place - i;
    return CXM_STEPS * (CXM_CURVE.at[i][1] + t * (CXM_CURVE.at[i + 1][1] - CXM_CURVE.at[i][1]));
}

#endif
