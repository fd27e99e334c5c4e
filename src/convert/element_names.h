// Whether numbers that a recipe takes by their place have the names that it gives them.
#pragma once

#include "convert/recording.h"

namespace bagloom::convert {

/// Looks at one message of each connection whose parts take several numbers by place and whose messages name them (JointState).
/// Error (invalid), with topic and remedy: those are the recipe's names in another order, so that numbers would stand under other
/// ones' names. Names that are other words altogether are the recipe's affair; messages that cannot be read are found later.
Status check_element_names(Recording& recording, const FeatureColumns& columns);

}  // namespace bagloom::convert
