// The opcodes of script that this folder names (Bitcoin Core script/script.h), and how a script is cut into them.
// What they do is in script.cpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/chain/hash256.hpp"

namespace hearsay::chain::opcode {

// Values up to 0x4b push that many bytes.
inline constexpr std::uint8_t kZero = 0x00;
inline constexpr std::uint8_t kPushData1 = 0x4c;
inline constexpr std::uint8_t kPushData2 = 0x4d;
inline constexpr std::uint8_t kPushData4 = 0x4e;
inline constexpr std::uint8_t kMinusOne = 0x4f;
inline constexpr std::uint8_t kReserved = 0x50;
inline constexpr std::uint8_t kOne = 0x51;  // also known as OP_TRUE
inline constexpr std::uint8_t kSixteen = 0x60;
inline constexpr std::uint8_t kNop = 0x61;
inline constexpr std::uint8_t kVer = 0x62;
inline constexpr std::uint8_t kIf = 0x63;
inline constexpr std::uint8_t kNotIf = 0x64;
inline constexpr std::uint8_t kVerIf = 0x65;
inline constexpr std::uint8_t kVerNotIf = 0x66;
inline constexpr std::uint8_t kElse = 0x67;
inline constexpr std::uint8_t kEndIf = 0x68;
inline constexpr std::uint8_t kVerify = 0x69;
inline constexpr std::uint8_t kReturn = 0x6a;
inline constexpr std::uint8_t kDepth = 0x74;
inline constexpr std::uint8_t kDrop = 0x75;
inline constexpr std::uint8_t kDup = 0x76;
inline constexpr std::uint8_t kCat = 0x7e;
inline constexpr std::uint8_t kRight = 0x81;
inline constexpr std::uint8_t kInvert = 0x83;
inline constexpr std::uint8_t kXor = 0x86;
inline constexpr std::uint8_t kEqual = 0x87;
inline constexpr std::uint8_t kEqualVerify = 0x88;
inline constexpr std::uint8_t kReserved1 = 0x89;
inline constexpr std::uint8_t kReserved2 = 0x8a;
inline constexpr std::uint8_t kTwoMul = 0x8d;
inline constexpr std::uint8_t kTwoDiv = 0x8e;
inline constexpr std::uint8_t kZeroNotEqual = 0x92;
inline constexpr std::uint8_t kMul = 0x95;
inline constexpr std::uint8_t kRShift = 0x99;
inline constexpr std::uint8_t kSha256 = 0xa8;
inline constexpr std::uint8_t kHash160 = 0xa9;
inline constexpr std::uint8_t kHash256 = 0xaa;
inline constexpr std::uint8_t kCheckSig = 0xac;
inline constexpr std::uint8_t kCheckSigVerify = 0xad;
inline constexpr std::uint8_t kCheckMultisig = 0xae;
inline constexpr std::uint8_t kCheckMultisigVerify = 0xaf;
inline constexpr std::uint8_t kNop1 = 0xb0;
inline constexpr std::uint8_t kCheckLockTimeVerify = 0xb1;
inline constexpr std::uint8_t kCheckSequenceVerify = 0xb2;
inline constexpr std::uint8_t kNop10 = 0xb9;

// Refused wherever they stand, executed or not.
constexpr bool is_disabled(std::uint8_t code) {
  return (code >= kCat && code <= kRight) || (code >= kInvert && code <= kXor) || code == kTwoMul || code == kTwoDiv ||
         (code >= kMul && code <= kRShift);
}
// Without a meaning: fails where it is executed.
constexpr bool is_undefined(std::uint8_t code) {
  return code == kReserved || code == kVer || code == kReserved1 || code == kReserved2 || code > kNop10;
}

// Cuts a script into opcodes with what they push (CScript::GetOp).
class Cutter {
 public:
  explicit Cutter(ByteView script) : script_(script) {}

  // False at the end, and where a push leaves the script.
  bool next() {
    if (position_ >= script_.size()) return false;
    code_ = script_[position_++];
    pushed_ = {};
    if (code_ > kPushData4) return true;
    std::size_t bytes = code_;
    if (code_ >= kPushData1) {
      const std::size_t length_bytes = code_ == kPushData1 ? 1 : code_ == kPushData2 ? 2 : 4;
      if (script_.size() - position_ < length_bytes) return truncate();
      bytes = 0;
      for (std::size_t i = length_bytes; i-- > 0;) bytes = bytes << 8 | script_[position_ + i];
      position_ += length_bytes;
    }
    if (script_.size() - position_ < bytes) return truncate();
    pushed_ = script_.subspan(position_, bytes);
    position_ += bytes;
    return true;
  }
  [[nodiscard]] bool truncated() const { return truncated_; }
  [[nodiscard]] std::uint8_t code() const { return code_; }
  [[nodiscard]] ByteView pushed() const { return pushed_; }

 private:
  bool truncate() {
    truncated_ = true;
    position_ = script_.size();
    return false;
  }

  ByteView script_;
  std::size_t position_ = 0;
  std::uint8_t code_ = 0;
  ByteView pushed_;
  bool truncated_ = false;
};

}  // namespace hearsay::chain::opcode
