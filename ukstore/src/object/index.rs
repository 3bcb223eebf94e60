//! The objects of a class in the order of their names: a treap, whose nodes are the slots themselves. Looking up,
//! linking and unlinking take a number of steps that grows with the logarithm of the objects; nothing is allocated
//! and nothing recurses. Not for storage: see `slots.rs`.
//!
//! A treap is a search tree by name and a heap by priority. As the priorities are as good as random, its shape is that
//! of a tree built in random order, however the names come and go.

use core::cmp::Ordering;

use super::name::Name;

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// Where a node's subtrees begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Links {
    less: u32,
    greater: u32,
}

impl Links {
    pub(super) const NONE: Self = Self { less: NONE, greater: NONE };
}

/// Where the nodes are. The index asks only for nodes that were linked and not unlinked.
pub(super) trait Nodes {
    fn name(&self, node: u32) -> &Name;
    /// The same for as long as the node is linked.
    fn priority(&self, node: u32) -> u64;
    fn links(&self, node: u32) -> Links;
    fn links_mut(&mut self, node: u32) -> &mut Links;
}

/// A priority for the n-th object there ever was: the finalizer of splitmix64, which maps no two numbers to one and
/// leaves no order in successive ones.
pub(super) const fn priority(born: u64) -> u64 {
    let mixed = born.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[derive(Debug)]
pub(super) struct Index {
    root: u32,
}

/// What leads to a node or to none.
#[derive(Clone, Copy, Debug)]
enum Link {
    Root,
    Less(u32),
    Greater(u32),
}

/// Where a node of a name and a priority belongs, until the next change.
#[derive(Debug)]
pub(super) struct Place(Link);

impl Index {
    pub(super) const fn new() -> Self {
        Self { root: NONE }
    }

    /// The node of this name.
    pub(super) fn find(&self, nodes: &impl Nodes, name: &Name) -> Option<u32> {
        let mut at = self.root;
        while at != NONE {
            at = match name.cmp(nodes.name(at)) {
                Ordering::Less => nodes.links(at).less,
                Ordering::Equal => return Some(at),
                Ordering::Greater => nodes.links(at).greater,
            };
        }
        None
    }

    /// Where a node of this name and priority belongs: above the first of a lower priority. `None` if the name is taken.
    pub(super) fn place(&self, nodes: &impl Nodes, name: &Name, priority: u64) -> Option<Place> {
        let mut link = Link::Root;
        let mut at = self.root;
        while at != NONE && nodes.priority(at) > priority {
            link = match name.cmp(nodes.name(at)) {
                Ordering::Less => Link::Less(at),
                Ordering::Equal => return None,
                Ordering::Greater => Link::Greater(at),
            };
            at = self.follow(nodes, link);
        }
        let below = Self { root: at };
        below.find(nodes, name).is_none().then_some(Place(link))
    }

    /// Links a node at its place.
    pub(super) fn insert(&mut self, nodes: &mut impl Nodes, Place(link): Place, node: u32, name: &Name) {
        let mut at = self.follow(nodes, link);
        self.set(nodes, link, node);
        // What was there is below the node now. It is cut in two along the node's name, from its root down: each
        // part keeps its shape, and grows where it is next to the other.
        let (mut less, mut greater) = (Link::Less(node), Link::Greater(node));
        while at != NONE {
            let next = if name < nodes.name(at) {
                self.set(nodes, greater, at);
                greater = Link::Less(at);
                greater
            } else {
                self.set(nodes, less, at);
                less = Link::Greater(at);
                less
            };
            at = self.follow(nodes, next);
        }
        self.set(nodes, less, NONE);
        self.set(nodes, greater, NONE);
    }

    /// Unlinks the node of this name, which must be linked.
    pub(super) fn remove(&mut self, nodes: &mut impl Nodes, node: u32, name: &Name) {
        let mut link = Link::Root;
        let mut at = self.root;
        while at != node {
            link = if name < nodes.name(at) { Link::Less(at) } else { Link::Greater(at) };
            at = self.follow(nodes, link);
        }
        // Its subtrees take its place, zipped together by priority.
        let Links { mut less, mut greater } = nodes.links(node);
        while less != NONE && greater != NONE {
            if nodes.priority(less) > nodes.priority(greater) {
                self.set(nodes, link, less);
                link = Link::Greater(less);
                less = nodes.links(less).greater;
            } else {
                self.set(nodes, link, greater);
                link = Link::Less(greater);
                greater = nodes.links(greater).less;
            }
        }
        self.set(nodes, link, if less == NONE { greater } else { less });
    }

    fn follow(&self, nodes: &impl Nodes, link: Link) -> u32 {
        match link {
            Link::Root => self.root,
            Link::Less(node) => nodes.links(node).less,
            Link::Greater(node) => nodes.links(node).greater,
        }
    }

    fn set(&mut self, nodes: &mut impl Nodes, link: Link, to: u32) {
        match link {
            Link::Root => self.root = to,
            Link::Less(node) => nodes.links_mut(node).less = to,
            Link::Greater(node) => nodes.links_mut(node).greater = to,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::format;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    #[derive(Default)]
    struct Fake(Vec<(Name, Links)>);

    impl Fake {
        fn insert(&mut self, index: &mut Index, name: &str) -> Option<u32> {
            let (name, node) = (Name::clean(name), self.0.len() as u32);
            let place = index.place(self, &name, priority(u64::from(node)))?;
            // What a node's links were before it was linked is of no account.
            self.0.push((name, Links { less: 7, greater: 7 }));
            index.insert(self, place, node, &name);
            Some(node)
        }

        fn remove(&mut self, index: &mut Index, node: u32) {
            let name = self.0[node as usize].0;
            index.remove(self, node, &name);
        }
    }

    impl Nodes for Fake {
        fn name(&self, node: u32) -> &Name {
            &self.0[node as usize].0
        }

        fn priority(&self, node: u32) -> u64 {
            priority(u64::from(node))
        }

        fn links(&self, node: u32) -> Links {
            self.0[node as usize].1
        }

        fn links_mut(&mut self, node: u32) -> &mut Links {
            &mut self.0[node as usize].1
        }
    }

    /// The nodes in the order of the tree, and its depth.
    fn in_order(index: &Index, nodes: &Fake) -> (Vec<u32>, usize) {
        let (mut order, mut above, mut depth) = (Vec::new(), Vec::new(), 0);
        let mut at = index.root;
        loop {
            while at != NONE {
                above.push(at);
                depth = depth.max(above.len());
                at = nodes.links(at).less;
            }
            let Some(node) = above.pop() else { return (order, depth) };
            order.push(node);
            at = nodes.links(node).greater;
        }
    }

    /// Every node has a higher priority than its children.
    fn is_heap(nodes: &Fake, linked: &[u32]) -> bool {
        linked.iter().all(|&node| {
            let Links { less, greater } = nodes.links(node);
            [less, greater].iter().all(|&child| child == NONE || nodes.priority(child) < nodes.priority(node))
        })
    }

    proptest! {
        #[test]
        fn it_is_a_sorted_map(steps in prop::collection::vec((any::<bool>(), "[a-c]{1,3}"), 0..300)) {
            let (mut index, mut nodes) = (Index::new(), Fake::default());
            let mut model = BTreeMap::new();
            for (add, name) in steps {
                prop_assert_eq!(index.find(&nodes, &Name::clean(&name)), model.get(&name).copied());
                if add {
                    let node = nodes.insert(&mut index, &name);
                    prop_assert_eq!(node.is_none(), model.contains_key(&name));
                    model.extend(node.map(|node| (name, node)));
                } else if let Some(node) = model.remove(&name) {
                    nodes.remove(&mut index, node);
                }
                let (order, _) = in_order(&index, &nodes);
                prop_assert!(is_heap(&nodes, &order));
                prop_assert_eq!(order, model.values().copied().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn it_stays_shallow_when_names_come_in_order() {
        let (mut index, mut nodes) = (Index::new(), Fake::default());
        for number in 0..10_000 {
            nodes.insert(&mut index, &format!("{number:05}"));
        }
        let (order, depth) = in_order(&index, &nodes);
        assert_eq!(order.len(), 10_000);
        // Of random trees of this size, none in a million is deeper.
        assert!(depth < 50, "{depth}");
        for node in (0..10_000).filter(|node| node % 100 != 0) {
            nodes.remove(&mut index, node);
        }
        let (order, depth) = in_order(&index, &nodes);
        assert_eq!(order, (0..10_000).step_by(100).collect::<Vec<_>>());
        assert!(depth < 25, "{depth}");
    }
}
