// SPDX-License-Identifier: Apache-2.0

import OutflowRecords

/// One step in turning a template and its values into fields.
///
/// A template, or an element that stands in a record without one, is compiled once a chunk into a list of leaves: its
/// attributes and texts, each with its whole dotted name. Reading an event is then one pass over the list.
struct Leaf {
    enum Kind: UInt8 {
        /// The text ``Leaf/constant``.
        case constant
        /// The value with number ``Leaf/value``, and nothing beside it.
        case value
        /// ``Leaf/partCount`` parts one after the other.
        case mixed
        /// The start of an element with attributes, after which ``nullIfAlone`` looks whether there were any.
        case start
        /// An element without anything in it.
        case null
        /// The same, if none of its attributes had a value.
        case nullIfAlone
        /// Parts that name the fields which follow, with ``Leaf/renamed``.
        case name
        /// A template instance at offset ``Leaf/firstPart`` of the chunk, among elements that stand without a template.
        case instance
    }

    /// Which part of `Event.System` it is.
    enum Role: UInt8 {
        case none, provider, eventID, level, time, recordID, channel, computer
    }

    var kind: Kind
    var role = Role.none
    /// It is an attribute: without a value there is no field.
    var isAttribute = false
    /// It is `Data`: without a value it is an empty string. Else it is null.
    var isData = false
    /// Attributes of the same element stand before it: without a value it is null only if they have none either.
    var isAfterAttributes = false
    /// Elements stand before it in the same element: without a value there is no field.
    var isAfterElements = false
    /// Its name was put together by a ``Kind/name`` before it.
    var renamed = false
    /// Number of the value.
    var value: UInt16 = 0
    var partCount: UInt16 = 0
    /// Place of its first part; for an instance, its offset.
    var firstPart = 0
    /// The dotted name.
    var name = Bytes.empty
    /// Text of a constant.
    var constant = Bytes.empty
}

/// A piece of a text that several make up.
struct Part {
    /// Text, if it is a constant.
    var constant: Bytes
    /// Number of the value; -1 for a constant.
    var value: Int32
}

/// A compiled template: a stretch of all leaves of the chunk.
struct Program {
    /// Offset of the template's definition in the chunk.
    var template: UInt32
    /// Number of the name under which it stands; see ``EventLogReader``.
    var prefix: UInt32
    var firstLeaf: Int32
    var leafCount: Int32
}
