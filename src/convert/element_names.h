// What the messages of a topic name the elements that a recipe takes by their place (JointState's `name`), settled before the
// first row: a message that names them otherwise has other joints' numbers in these places.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "convert/recording.h"

namespace bagloom::convert {

/// A connection whose messages have a place for the names of parts that are taken by place.
struct NamingConnection {
  struct Part {
    std::size_t column = 0, part = 0;
    const recipe::VectorPart* rules = nullptr;
    std::shared_ptr<const msg::NumberExtractor> numbers;  ///< a message whose numbers cannot be read names nothing
  };
  std::shared_ptr<const msg::Definition> definition;
  std::vector<Part> parts;
};

/// Looks at the first messages of each connection whose parts take numbers by place and whose messages name them.
/// Error (invalid), with topic and remedy: those are the recipe's names in another order, so that numbers would stand under other
/// ones' names. Messages that cannot be read are found later.
Status check_element_names(Recording& recording, const FeatureColumns& columns);

/// Settles PartPlace::expected, over all recordings of a dataset, in their order: the recipe's names where a message that is
/// looked at has them, else those of the first message that names the elements. Looked at are the first few messages of each
/// connection; where none has the recipe's names, also some from all over the topic, for another publisher may have begun
/// earlier.
class ExpectedNames {
 public:
  /// What cannot be read names nothing here; the recording's run says why.
  void look(Recording& recording, const FeatureColumns& columns);
  void settle(FeatureColumns& columns) const;
  /// A line for each topic on which messages were seen that name a part's elements otherwise.
  std::vector<std::string> notes(const FeatureColumns& columns) const;

 private:
  struct Seen {
    std::vector<std::string> first, other;  ///< the first message's names, and the first ones that differ from them
    bool recipe = false;                    ///< a message has the recipe's
    void add(const std::vector<std::string>& names, const std::vector<std::string>& by_recipe);
  };
  void read(Recording& recording, const std::vector<NamingConnection>& connections, const std::vector<MessageRef>& messages);

  std::map<std::pair<std::size_t, std::size_t>, Seen> seen_;  ///< by column and part
};

}  // namespace bagloom::convert
