using Fastbridge.Core.Buffering;

namespace Fastbridge.Tests.Core.Buffering;

public class NumberSetTests
{
    [Fact]
    public void it_holds_what_a_plain_set_holds_whatever_is_added_and_taken_away()
    {
        var random = new Random(4);
        for (int round = 0; round < 300; round++)
        {
            var set = new NumberSet();
            var plain = new SortedSet<long>();
            for (int step = 0; step < 25; step++)
            {
                int first = random.Next(0, 60), end = first + random.Next(0, 12);
                if (random.Next(3) > 0)
                {
                    set.Add(first, end);
                    plain.UnionWith(Numbers(first, end));
                }
                else
                {
                    set.Remove(first, end);
                    plain.ExceptWith(Numbers(first, end));
                }

                Assert.Equal(plain, Numbers(0, 80).Where(set.Contains));
                Assert.Equal(plain.Count(n => n >= first && n < end + 9), set.Count(first, end + 9));
                Assert.Equal(plain.Count(n => !plain.Contains(n - 1)), set.Ranges); // neighbours are one range
                Assert.Equal(plain.Min, set.First);
            }

            var other = new NumberSet();
            other.Add(10, 20);
            other.Add(30, 35);
            var from = new NumberSet();
            from.AddFrom(set, 15);
            Assert.Equal(plain.Where(n => n >= 15), Numbers(0, 80).Where(from.Contains));
            set.Remove(other);
            Assert.Equal(plain.Where(n => !other.Contains(n)), Numbers(0, 80).Where(set.Contains));
        }
    }

    private static IEnumerable<long> Numbers(int first, int end) => Enumerable.Range(first, end - first).Select(n => (long)n);
}
