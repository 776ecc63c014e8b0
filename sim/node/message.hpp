// A message: an immutable value with an exact size on the wire, shared by reference while it is stored or in flight.
//
// A protocol derives its messages from this class and gives them one codec (see Protocol). Within a rank the value
// itself travels; between ranks, and everywhere in a run with `wire: bytes`, its bytes do, and the receiver parses
// them. Reference counts are plain integers: a message never leaves its rank.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace hearsay {

// Protocol number (high byte, 0 to 15: 1 is flood, 2 Bitcoin) and the protocol's own number of the message type (low
// byte). It enters the digest, so it never changes once released.
using MessageType = std::uint16_t;

class Message {
 public:
  virtual ~Message() = default;
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  [[nodiscard]] MessageType type() const { return type_; }
  // Bytes of the payload, and of the protocol's own header in front of it.
  [[nodiscard]] std::uint32_t payload_bytes() const { return payload_bytes_; }
  [[nodiscard]] std::uint32_t header_bytes() const { return header_bytes_; }
  [[nodiscard]] std::uint32_t stream_bytes() const { return payload_bytes_ + header_bytes_; }
  // Fingerprint of the content, equal before encoding and after decoding.
  [[nodiscard]] std::uint64_t content_id() const { return content_id_; }

  // Appends exactly stream_bytes() bytes.
  virtual void encode(std::vector<std::uint8_t>& bytes) const = 0;

 protected:
  Message(MessageType type, std::uint32_t payload_bytes, std::uint32_t header_bytes, std::uint64_t content_id)
      : content_id_(content_id), payload_bytes_(payload_bytes), header_bytes_(header_bytes), type_(type) {}

 private:
  friend class MessageStore;
  friend void intrusive_ptr_add_ref(const Message* message) { ++message->references_; }
  friend void intrusive_ptr_release(const Message* message) {
    if (--message->references_ == 0) delete message;
  }

  std::uint64_t content_id_;
  std::uint32_t payload_bytes_;
  std::uint32_t header_bytes_;
  MessageType type_;
  mutable std::uint32_t references_ = 0;
  mutable std::uint32_t flights_ = 0;  // events that carry this message
  mutable std::uint32_t place_ = 0;    // in the store, while flights_ > 0
};

using MessageRef = boost::intrusive_ptr<const Message>;

template <class M, class... Arguments>
[[nodiscard]] MessageRef make_message(Arguments&&... arguments) {
  return MessageRef(new M(std::forward<Arguments>(arguments)...));
}

// What one rank knows of one protocol: how to parse its messages and what to call them. A protocol may derive from it
// to share caches of pure functions (decoded bodies, solved headers) among the nodes of a rank, and nothing else.
class Protocol {
 public:
  virtual ~Protocol() = default;
  // Parses one whole message. Bytes that are no valid message are a message too (the protocol's raw type): what to do
  // about them is the receiving node's decision.
  [[nodiscard]] virtual MessageRef decode(std::span<const std::uint8_t> bytes) = 0;
  [[nodiscard]] virtual std::string_view message_name(MessageType type) const = 0;
};

// The messages in flight on one rank, addressed by 32-bit places so that events stay small. A place is reused only
// when no event holds it.
class MessageStore {
 public:
  // One more event carries the message.
  std::uint32_t hold(const Message& message) {
    if (message.flights_++ == 0) {
      intrusive_ptr_add_ref(&message);
      if (free_.empty()) {
        message.place_ = static_cast<std::uint32_t>(messages_.size());
        messages_.push_back(&message);
      } else {
        message.place_ = free_.back();
        free_.pop_back();
        messages_[message.place_] = &message;
      }
    }
    return message.place_;
  }

  [[nodiscard]] const Message& look(std::uint32_t place) const { return *messages_[place]; }

  // The event was handled: hands the message over and forgets this flight.
  MessageRef take(std::uint32_t place) {
    const Message* message = messages_[place];
    MessageRef reference(message);
    if (--message->flights_ == 0) {
      messages_[place] = nullptr;
      free_.push_back(place);
      intrusive_ptr_release(message);
    }
    return reference;
  }

  MessageStore() = default;
  MessageStore(const MessageStore&) = delete;
  MessageStore& operator=(const MessageStore&) = delete;
  ~MessageStore() {
    for (const Message* message : messages_)
      if (message != nullptr) intrusive_ptr_release(message);
  }

 private:
  std::vector<const Message*> messages_;
  std::vector<std::uint32_t> free_;
};

}  // namespace hearsay
