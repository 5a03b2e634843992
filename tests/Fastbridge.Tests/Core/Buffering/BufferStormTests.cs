using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Tests.Core.Buffering;

/// <summary>Everything at once, at random: Kafka comes and goes, answers in any order, has no room; the link is cut and its messages come again.</summary>
public sealed class BufferStormTests
{
    private const int Messages = 6_000;
    private const int Changes = 6;

    public static TheoryData<int, BufferWhen> Storms
    {
        get
        {
            var storms = new TheoryData<int, BufferWhen>();
            for (int seed = 1; seed <= 4; seed++)
            {
                storms.Add(seed, BufferWhen.KafkaDown);
                storms.Add(seed, BufferWhen.FullWindow);
                storms.Add(seed, BufferWhen.Always);
            }

            return storms;
        }
    }

    [Theory]
    [MemberData(nameof(Storms))]
    public async Task each_message_is_produced_once_in_order_and_acknowledged(int seed, BufferWhen when)
    {
        var random = new Random(seed);
        await using var bench = new BufferBench(new BufferConfig { MaxBytes = 4 * 1024 * 1024, When = when }, new WindowConfig { MaxMessages = 200 }, time: TimeProvider.System);
        using var stop = new CancellationTokenSource();
        Task weather = Task.Run(() => WeatherAsync(bench, new Random(seed + 1000), stop.Token), TestContext.Current.CancellationToken);
        int first = 0, links = 0, next = 0; // on the present link sequence 0 is message `first`
        while (next < Messages || links < 3 || (when is not BufferWhen.Always && bench.Modes.Count < Changes))
        {
            await bench.PublishAsync(next++);
            if (next % 50 == 0)
                await Task.Delay(1, TestContext.Current.CancellationToken);
            if (random.Next(400) > 0)
                continue;

            // The link is cut: acks have left in order, as far as there was no gap.
            links++;
            int through = bench.Cut();
            bench.Connect(sessionPresent: true, firstUnacknowledgedBefore: through);
            first += through;
            for (int again = first; again < next; again++)
                await bench.PublishAsync(again, dup: true);
        }

        await BufferBench.UntilAsync(() => bench.Acked.Length == next - first);
        await stop.CancelAsync();
        await weather;
        bench.Sink = ProduceStatus.Queued;
        bench.Delivery.OnRoom();
        bench.Delivery.OnSinkState(null);
        await bench.ReportAllAsync();
        Assert.Equal(Enumerable.Range(0, next), bench.Produced);
        Assert.Equal(Enumerable.Range(0, next - first), bench.Acked.Order());
    }

    private static async Task WeatherAsync(BufferBench bench, Random random, CancellationToken stop)
    {
        bool away = false;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(random.Next(3), CancellationToken.None);
            if (random.Next(60) == 0)
                bench.Delivery.OnSinkState((away = !away) ? "broker away" : null);
            if (random.Next(20) == 0)
            {
                bench.Sink = random.Next(2) == 0 ? ProduceStatus.QueueFull : ProduceStatus.Rebuilding;
                await Task.Delay(2, CancellationToken.None);
                bench.Sink = ProduceStatus.Queued;
                bench.Delivery.OnRoom();
            }

            if (random.Next(100) == 0)
            {
                bench.Delivery.OnSinkState(null);
                away = false;
                for (int fair = 0; fair < 30; fair++)
                {
                    bench.Report();
                    await Task.Delay(1, CancellationToken.None);
                }
            }

            if (!away || random.Next(10) == 0)
                bench.Report(random.Next(1, 400), newest: random.Next(4) == 0);
        }
    }
}
