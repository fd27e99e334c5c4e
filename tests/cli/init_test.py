import os
import shlex
import unittest

from binary import BinaryTest, bagloom


class Init(BinaryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bag = cls.synth("generic.bag")
        cls.kuavo = cls.synth("kuavo.bag", "--layout", "kuavo")

    def test_writes_a_recipe_and_refuses_to_replace_it(self):
        path = self.path("recipe.yaml")
        said = self.expect(bagloom("init", self.bag, "-o", path), 0)
        self.assertIn("/joint_states", said.out)
        self.assertIn("complete", said.out)
        with open(path) as file:
            text = file.read()
        self.assertIn("/joint_commands", text)
        self.assertIn("--force", self.expect(bagloom("init", self.bag, "-o", path), 2).err)
        with open(path) as file:
            self.assertEqual(file.read(), text)
        self.expect(bagloom("init", self.bag, "-o", path, "--force"), 0)
        self.assertEqual([n for n in os.listdir(self.folder) if n.endswith(".tmp")], [])

    def test_next_commands_can_be_pasted(self):
        bag, recipe = self.path("a b'c.bag"), self.path("a b'c.yaml")
        said = self.expect(bagloom("synth", "-o", bag, "--seconds", 1, "--size", "160x120"), 0)
        self.assertEqual(shlex.split(said.out.split("next:\n")[1].splitlines()[0]), ["bagloom", "info", bag])
        said = self.expect(bagloom("init", bag, "-o", recipe), 0)
        self.assertEqual(shlex.split(said.out.split("next:\n")[1].splitlines()[0]), ["bagloom", "plan", bag, "--recipe", recipe])

    def test_standard_output(self):
        self.assertIn("/camera_0/image/compressed", self.expect(bagloom("init", self.bag), 0).out)

    def test_json(self):
        result = self.expect_json(bagloom("init", "--json", self.kuavo), 0)
        self.expect_keys(result, recipe=str, complete=bool, preset=str, states=list, actions=list, cameras=list, left_out=list, yaml=str)
        self.assertEqual(result["preset"], "kuavo")
        self.assertTrue(result["complete"])

    def test_no_recording(self):
        self.expect(bagloom("init", self.path("missing.bag")), 6)
        self.expect_json(bagloom("init", "--json", self.file("x.bag", b"x")), 6)
        self.assertFalse(os.path.exists(self.path("never.yaml")))

    def test_a_recording_of_which_nothing_can_be_read(self):
        with open(self.bag, "rb") as file:
            start = file.read()[:4200]
        said = self.expect(bagloom("init", self.file("wreck.bag", start + b"Z" * 100_000), "-o", self.path("wreck.yaml")), 6)
        self.assertIn("holds no messages that can be read", said.err)
        self.assertFalse(os.path.exists(self.path("wreck.yaml")))


if __name__ == "__main__":
    unittest.main()
