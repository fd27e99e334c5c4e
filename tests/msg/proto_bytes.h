// Protobuf schemas and messages for tests, by libprotobuf itself: .proto texts, and messages in its text format.
#pragma once

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "msg/definition.h"
#include "msg/definition_set.h"

namespace bagloom::msg {

class ProtoBytes {
 public:
  /// Files as (name, text of .proto), after those that they import; Timestamp and Duration are there.
  explicit ProtoBytes(const std::vector<std::pair<std::string, std::string>>& files) {
    add(google::protobuf::Timestamp::descriptor()->file());
    add(google::protobuf::Duration::descriptor()->file());
    for (const auto& [name, text] : files) {
      google::protobuf::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
      google::protobuf::io::Tokenizer tokenizer(&stream, nullptr);
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(google::protobuf::compiler::Parser().Parse(&tokenizer, &file)) << text;
      file.set_name(name);
      const auto* built = pool_->BuildFile(file);
      EXPECT_NE(built, nullptr) << text;
      // As compilers write it: names resolved.
      if (built != nullptr) built->CopyTo(set_.add_file());
    }
  }
  explicit ProtoBytes(const std::string& text) : ProtoBytes({{"test.proto", text}}) {}

  std::string set() const { return set_.SerializeAsString(); }
  google::protobuf::FileDescriptorSet& files() { return set_; }

  /// The bytes of a message in text format: "position: 1 position: 2".
  std::string message(const std::string& type, const std::string& text) const {
    const auto* descriptor = pool_->FindMessageTypeByName(type);
    EXPECT_NE(descriptor, nullptr) << type;
    const std::unique_ptr<google::protobuf::Message> message(factory_->GetPrototype(descriptor)->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, message.get())) << text;
    return message->SerializeAsString();
  }

 private:
  void add(const google::protobuf::FileDescriptor* known) {
    google::protobuf::FileDescriptorProto file;
    known->CopyTo(&file);
    EXPECT_NE(pool_->BuildFile(file), nullptr);
    *set_.add_file() = file;
  }

  google::protobuf::FileDescriptorSet set_;
  std::unique_ptr<google::protobuf::DescriptorPool> pool_ = std::make_unique<google::protobuf::DescriptorPool>();
  std::unique_ptr<google::protobuf::DynamicMessageFactory> factory_ = std::make_unique<google::protobuf::DynamicMessageFactory>();
};

inline Result<std::shared_ptr<const Definition>> protobuf_definition(const std::string& type, const std::string& set) {
  return parse_definition({type, set, "protobuf", "protobuf"}, builtin_definitions());
}

}  // namespace bagloom::msg
