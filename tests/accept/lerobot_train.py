#!/usr/bin/env python3
"""lerobot_train.py DATASET_ROOT: two training steps of LeRobot's ACT policy on the CPU, from untrained weights, with the library's own
dataset, normalisation and loss. Passes where both losses are finite and the second step's weights differ from the first's. No network."""
import argparse
import os
import sys
import tempfile

TMP = tempfile.mkdtemp(prefix="lerobot_train_")
os.environ.update(HF_HUB_OFFLINE="1", HF_HOME=TMP, HF_DATASETS_CACHE=TMP + "/ds", HF_DATASETS_DISABLE_PROGRESS_BARS="1")
import shutil

import torch

try:
    from lerobot.datasets import LeRobotDataset
except ImportError:  # lerobot 0.4
    from lerobot.datasets.lerobot_dataset import LeRobotDataset
from lerobot.policies.factory import make_policy, make_pre_post_processors
from lerobot.policies.act.configuration_act import ACTConfig


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root")
    root = parser.parse_args().root
    torch.manual_seed(0)
    config = ACTConfig(device="cpu", push_to_hub=False, pretrained_backbone_weights=None, chunk_size=8, n_action_steps=8, dim_model=64,
                       n_heads=2, dim_feedforward=128, n_encoder_layers=1, n_vae_encoder_layers=1)
    plain = LeRobotDataset("local/train", root=root)
    steps = {"action": [i / plain.fps for i in config.action_delta_indices]}
    dataset = LeRobotDataset("local/train", root=root, delta_timestamps=steps)
    policy = make_policy(config, ds_meta=dataset.meta)
    prepare, _ = make_pre_post_processors(config, dataset_stats=dataset.meta.stats)
    optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-4)
    batches = iter(torch.utils.data.DataLoader(dataset, batch_size=2, shuffle=True))
    policy.train()
    losses = []
    for _ in range(2):
        loss, _ = policy.forward(prepare(next(batches)))
        optimizer.zero_grad()
        loss.backward()
        grown = torch.nn.utils.clip_grad_norm_(policy.parameters(), 10.0)
        optimizer.step()
        losses.append(loss.item())
        assert torch.isfinite(loss) and torch.isfinite(grown) and grown > 0, f"loss {loss.item()}, gradient norm {grown.item()}"
    assert losses[0] != losses[1], f"both losses are {losses[0]}"
    print(f"PASS two steps of ACT on the CPU: losses {losses[0]:.3f} and {losses[1]:.3f}")
    print("1 passed, 0 failed")


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # noqa: BLE001: the closing line must come whatever happens
        print(f"FAIL two steps of ACT on the CPU: {type(error).__name__}: {error}")
        print("0 passed, 1 failed")
        sys.exit(1)
    finally:
        shutil.rmtree(TMP, ignore_errors=True)
