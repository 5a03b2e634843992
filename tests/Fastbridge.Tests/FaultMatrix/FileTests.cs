using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.FaultMatrix;

/// <summary>The connectors file is damaged and edited under a running bridge (row 32).</summary>
[Collection(FaultTests.Name)]
public class FileTests(Lab lab) : FaultTest(lab)
{
    [Fact]
    [Fault(32)]
    public async Task a_file_that_cannot_be_used_changes_nothing_under_load_is_said_and_an_edit_is_followed()
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "file"), other = await KafkaTopics.CreateAsync(kafka, "edit");
        Mosquitto broker = await MosquittoAsync();
        BridgeFile file = new BridgeFile(broker.Url).Add(Name, "fleet/#", kafka, topic);
        string path = file.Write(Folder), good = await File.ReadAllTextAsync(path, Cancelled);
        BridgeProcess bridge = await StartSubscribedAsync(path);
        Fleet fleet = StartFleet(new FleetOptions { Port = broker.Port, Messages = 1_000_000, Rate = 2000 });
        using var ledger = new Ledger(kafka, topic);
        for (int round = 0; round < FaultForm.Pick(1, 20); round++)
        {
            // Half-written at another place each time; emptied; a key that is none.
            foreach (string bad in (string[])[good[..(good.Length * (round + 1) / 22)], "", good.Replace("\"topic\"", "\"tpoic\"", StringComparison.Ordinal)])
            {
                await SaidAsync(() => File.WriteAllText(path, bad), "cannot be used");
                await SaidAsync(() => File.WriteAllText(path, good), "sound again");
            }

            // Not to be read: gone, and a folder in its place. (Root may read what has no rights.)
            await SaidAsync(() => File.Delete(path), "cannot be used");
            await SaidAsync(() => File.WriteAllText(path, good), "sound again");
            await SaidAsync(
                () =>
                {
                    File.Delete(path);
                    Directory.CreateDirectory(path);
                },
                "cannot be used");
            await SaidAsync(
                () =>
                {
                    Directory.Delete(path);
                    File.WriteAllText(path, good);
                },
                "sound again");
        }

        file.Add("second", "other/#", kafka, other).Write(Folder);
        await bridge.WaitForSubscriptionAsync("second");
        Fleet added = await SendAsync(new FleetOptions { Port = broker.Port, Root = "other", FirstPublisher = 10 });
        using (var second = new Ledger(kafka, other))
        {
            await second.ReadAllAsync([added]);
            second.Check([added]);
        }

        await fleet.StopAsync();
        await CheckAsync(ledger, bridge, repeats: 0, fleet);
        Assert.Single(bridge.Log.Lines, l => l.Contains($"{Name}: connected", StringComparison.Ordinal));

        async Task SaidAsync(Action change, string word)
        {
            int said = bridge.Log.Count;
            change();
            await bridge.Log.WaitForAsync(["connectors.json", word], said);
        }
    }
}
