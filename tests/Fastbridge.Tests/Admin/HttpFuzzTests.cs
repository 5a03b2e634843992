using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Fastbridge.Admin;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Admin;

/// <summary>
/// What is nearly HTTP, and nearly TLS, meets no fault of ours and hurts nobody. The seed is fixed; FASTBRIDGE_FUZZ_SEED and FASTBRIDGE_FUZZ_SECONDS (scripts/fuzz.sh) give another, for longer.
/// </summary>
public sealed class HttpFuzzTests : AdminTest
{
    private static readonly int Seed = Setting("FASTBRIDGE_FUZZ_SEED", 20261121);
    private static readonly int Seconds = Setting("FASTBRIDGE_FUZZ_SECONDS", 0);

    [Fact]
    public async Task requests_that_are_nearly_http_are_answered_as_such_or_cut()
    {
        int answered = 0;
        int asked = await EachAsync(2000, async request =>
        {
            string answer = await RawHttp.ExchangeAsync(Options.Endpoint, request, finish: true);
            answered += answer.Length > 0 ? 1 : 0;
            // 505: HTTP/2.0 is none of the versions spoken. 500 would be ours.
            bool isGood = answer.Length == 0 || Regex.IsMatch(answer, "^HTTP/1\\.[01] ([1234][0-9][0-9]|505) ");
            Assert.True(isGood, $"seed {Seed}\n{Encoding.Latin1.GetString(request)}\n---\n{answer}\n---\n{string.Join('\n', Log.Lines.TakeLast(3))}");
        });
        Assert.InRange(answered, asked / 4, asked);
        Assert.DoesNotContain(Log.Lines, l => l.StartsWith("Error", StringComparison.Ordinal));
        await AssertUnhurtAsync();
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/health/live")).Status);
    }

    [Fact]
    public async Task handshakes_that_are_nearly_tls_end_their_connection_alone()
    {
        using var certificates = new Certificates();
        await StartAsync(AdminOptions.Create(Options.Endpoint.ToString(), null, AdminTls.Load(certificates.ServerCertFile, certificates.ServerKeyFile, null)));
        byte[] hello = await RawHttp.ClientHelloAsync();
        // CA5394 is about secrets; here the same numbers must come again.
#pragma warning disable CA5394
        var random = new Random(Seed);
        for (int i = 0; i < 300; i++)
        {
            byte[] changed = [.. hello.AsSpan(0, random.Next(2) == 0 ? hello.Length : random.Next(hello.Length))];
            for (int changes = random.Next(1, 6); changes > 0 && changed.Length > 1; changes--) changed[random.Next(1, changed.Length)] = (byte)random.Next(256);
            Assert.DoesNotContain("HTTP/1.1", await RawHttp.ExchangeAsync(Options.Endpoint, changed, finish: true), StringComparison.Ordinal);
        }
#pragma warning restore CA5394
        Assert.DoesNotContain(Log.Lines, l => l.StartsWith("Error", StringComparison.Ordinal));
        using RawHttp sound = await RawHttp.ConnectAsync(Options.Endpoint, System.Security.Authentication.SslProtocols.Tls13);
        Assert.StartsWith("HTTP/1.1 200 ", await sound.GetAsync(Base + "list"), StringComparison.Ordinal);
    }

    /// <summary>So many, or for so long as was asked for. How many there were.</summary>
    private static async Task<int> EachAsync(int count, Func<byte[], Task> test)
    {
        long end = Environment.TickCount64 + (Seconds * 1000L);
        int done = 0;
        foreach (byte[] request in HttpFuzz.Requests(Seed, Seconds > 0 ? int.MaxValue : count))
        {
            await test(request);
            done++;
            if (Seconds > 0 && Environment.TickCount64 > end) break;
        }

        return done;
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
